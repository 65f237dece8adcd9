import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { mutations, oddTexts, type Schema, valuesOf } from './schema-values.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema & { readonly $ref?: string } }>>;
}

/** An operation of the document. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

/** An OpenAPI document. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A request to an operation. Parameters are as sent, not yet encoded. */
export interface MadeRequest {
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
  /** Query parameters that are not documented. */
  readonly unknown: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly isFeed: boolean;
}

/** Generators of more useful values than random ones, for a parameter of an operation. */
export type Better = (operation: Operation, parameter: Parameter) => fc.Arbitrary<string> | undefined;

const JSON_TYPE = 'application/json';
const FEED_TYPE = 'text/event-stream';

/** The values of a header that HTTP delivers unchanged. */
const HEADER_TEXT = /^(?:[\x21-\x7e\xa0-\xff](?:[\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?)?$/;

/**
 * Generates requests from a document, and checks requests and replies against it. Operations that
 * take files are left out.
 */
export class OpenApiRequests {
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
  private readonly compiled = new Map<object, ValidateFunction>();

  constructor(
    private readonly document: OpenApi,
    private readonly better: Better,
  ) {
    this.ajv.addSchema(document, 'document');
    this.operations = Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          ...operation,
          parameters: operation.parameters ?? [],
          method: method.toUpperCase(),
          path,
        })),
      )
      .filter(({ requestBody: { content } = {} }) => content === undefined || JSON_TYPE in content);
  }

  /**
   * Requests to an operation: about half of them as documented, the others invalid in one place.
   */
  to(operation: Operation): fc.Arbitrary<MadeRequest> {
    const broken = fc.constantFrom('nothing', 'nothing', 'body', 'parameter', 'parameter', 'query');
    return fc
      .record({
        right: this.right(operation),
        broken,
        pick: fc.nat(100),
        odd: oddTexts,
        mutate: mutations,
      })
      .map(({ right, broken: what, pick, odd, mutate }) => {
        const { parameters: known, requestBody } = operation;
        const parameter = known[pick % Math.max(known.length, 1)];
        if (what === 'body' && requestBody) return { ...right, body: mutate(right.body ?? {}) };
        if (what === 'parameter' && parameter) {
          return { ...right, parameters: { ...right.parameters, [parameter.name]: odd } };
        }
        return what === 'query' ? { ...right, unknown: { [`unknown${pick}`]: odd } } : right;
      })
      .filter(canBeSent);
  }

  /** What is wrong with a request, in words, or undefined. */
  fault({ operation, parameters, unknown, body }: MadeRequest): string | undefined {
    if (Object.keys(unknown).length > 0) return 'a query parameter that is not known';
    for (const parameter of operation.parameters) {
      const { name, required, schema } = parameter;
      const text = parameters[name];
      if (text === undefined && required) return `no ${name}`;
      if (text !== undefined && !this.fits(schema, toValue(schema, text))) return name;
    }
    const schema = this.bodySchema(operation);
    if (!schema) return undefined;
    if (body === undefined) return operation.requestBody?.required ? 'no body' : undefined;
    return this.fits(schema, body) ? undefined : 'body';
  }

  /** Whether the document has such a reply: its status and, for JSON, its body. */
  faultOfReply({ responses }: Operation, status: number, type: string, body: unknown): string | undefined {
    const response = responses[String(status)];
    if (!response) return `${status} is not documented`;
    const [media = ''] = type.split(';');
    const schema = response.content?.[media]?.schema;
    if (!schema) return Object.keys(response.content ?? {}).length === 0 ? undefined : `${media} is not`;
    if (!media.endsWith('json') || body === undefined) return undefined;
    const validate = this.compile(schema);
    return validate(body) ? undefined : `the body is not: ${this.ajv.errorsText(validate.errors)}`;
  }

  /** Requests to an operation as documented. */
  right(operation: Operation): fc.Arbitrary<MadeRequest> {
    const given = Object.fromEntries(
      operation.parameters.map((parameter) => [parameter.name, this.textsOf(operation, parameter)]),
    );
    const schema = this.bodySchema(operation);
    const body = schema
      ? valuesOf(schema).filter((value) => this.fits(schema, value))
      : fc.constant(undefined);
    const bodies = operation.requestBody?.required === false ? fc.option(body, { nil: undefined }) : body;
    const isFeedToo = operation.responses[200]?.content?.[FEED_TYPE] !== undefined;
    return fc.record({
      operation: fc.constant(operation),
      parameters: fc.record(given, {
        requiredKeys: operation.parameters.filter(({ required }) => required).map(({ name }) => name),
      }),
      unknown: fc.constant({}),
      body: bodies,
      isFeed: isFeedToo ? fc.boolean() : fc.constant(false),
    });
  }

  private textsOf(operation: Operation, parameter: Parameter): fc.Arbitrary<string> {
    const { schema } = parameter;
    const made = valuesOf(schema).map((value) => (Array.isArray(value) ? value.join(', ') : String(value)));
    return (this.better(operation, parameter) ?? made).filter((text) =>
      this.fits(schema, toValue(schema, text)),
    );
  }

  private bodySchema({ requestBody }: Operation): Schema | undefined {
    const schema = requestBody?.content?.[JSON_TYPE]?.schema;
    const name = schema?.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.document.components.schemas[name];
  }

  private fits(schema: Schema, value: unknown): boolean {
    return this.compile(schema)(value);
  }

  private compile(schema: Schema & { readonly $ref?: string }): ValidateFunction {
    const known = this.compiled.get(schema);
    if (known) return known;
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/');
    const validate = this.ajv.compile(JSON.parse(text) as object);
    this.compiled.set(schema, validate);
    return validate;
  }
}

/** A parameter as its schema sees it: numbers as in JSON, lists with commas. */
function toValue(schema: Schema, text: string): unknown {
  if (schema.type === 'array') return text.split(',').map((part) => part.trim());
  return schema.type === 'integer' && /^-?(?:0|[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/** A path segment that leads upwards, which no address may contain. */
const DOTS = /(?:^|[/\\])\.{1,2}(?:$|[/\\])/;

/** A path without a segment is another path, and not every text is a valid header. */
function canBeSent({ operation, parameters }: MadeRequest): boolean {
  return operation.parameters.every(({ name, in: place, schema: { pattern } }) => {
    const text = parameters[name];
    if (text === undefined || place === 'query') return true;
    if (place === 'header') return HEADER_TEXT.test(text);
    return text !== '' && (pattern !== undefined || !DOTS.test(text));
  });
}
