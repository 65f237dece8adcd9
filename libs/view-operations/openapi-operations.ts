import type { z } from 'zod';
import { type Document, jsonSchema, pageSchema } from '#libs/http/openapi-schemas.js';

const problem = (description: string): Document => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const problems = {
  400: problem('`REQUEST.INVALID_QUERY`, `REQUEST.INVALID_HEADER`, `REQUEST.MALFORMED_JSON`'),
  404: problem('`VIEW.NOT_FOUND`, `VIEW.NOT_PARKED`'),
  409: problem(
    '`VIEW.PARKED_ELSEWHERE`, `VIEW.NOTHING_TO_AMEND`, `VIEW.NOT_AMENDABLE`, `VIEW.REBUILD_STATE`, ' +
      '`VIEW.REBUILD_BEHIND`, `VIEW.REBUILD_PARKS_MORE`',
  ),
  422: problem('`REQUEST.INVALID_BODY`'),
  503: problem('`ENGINE.UNAVAILABLE`, `VIEW.REBUILD_BUSY`'),
};

/** A part of the path, with an example. */
export function inPath(name: string, example: string): Document {
  return { name, in: 'path', required: true, schema: { type: 'string' }, example };
}

/** `{view}` */
export const viewParameter = inPath('view', 'account.accounts.v1');

const operator = {
  name: 'X-Operator',
  in: 'header',
  description: 'Who does it, as the audit will say',
  schema: { type: 'string', default: 'operator' },
};

const json = (schema: Document): Document => ({ 'application/json': { schema } });

/** A page of such items as a reply. */
export function pageOf(item: z.ZodType): Document {
  return pageSchema(jsonSchema(item, 'output'));
}

/** Something operators ask. */
export interface Question {
  readonly name: string;
  readonly summary: string;
  readonly parameters?: readonly Document[];
  readonly reply: Document;
}

/** Something operators do. */
export interface Deed extends Question {
  readonly body: z.ZodType;
  readonly status?: 200 | 202;
}

/** Operations of one service, under its tag. */
export class OperationsOf {
  readonly tag: string;

  constructor(private readonly service: string) {
    this.tag = `${service} operations`;
  }

  get(question: Question): Document {
    return { get: this.operation(question, 200) };
  }

  post({ body, status = 200, ...deed }: Deed): Document {
    const parameters = [...(deed.parameters ?? []), operator];
    const requestBody = { required: true, content: json(jsonSchema(body)) };
    return { post: { ...this.operation({ ...deed, parameters }, status), requestBody } };
  }

  private operation({ name, summary, parameters = [], reply }: Question, status: 200 | 202): Document {
    const operationId = `${this.service}${name}`;
    const responses = { [status]: { description: 'The answer', content: json(reply) }, ...problems };
    return { tags: [this.tag], operationId, summary, parameters, responses };
  }
}
