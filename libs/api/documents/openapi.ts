import { receiptPolicy } from '#contracts/access.js';
import { type EntityContract, type PublicCommandContract, routeOf } from '#contracts/entity-contract.js';
import { genericRejections } from '#contracts/rejections.js';
import { allowed, allowedCommand, securitySchemes } from './openapi-access.js';
import {
  commandHeadersParameters,
  commandIdParameter,
  consistencyToken,
  feedParameters,
  freshnessHeaders,
  idParameter,
  ifNoneMatch,
  jsonContent,
  pageParameters,
  queryParameters,
  receiptParameters,
  reply,
  revisionHeaders,
} from './openapi-parts.js';
import { pastPaths } from './openapi-past.js';
import { problemResponses, readProblems, requestProblems } from './openapi-problems.js';
import { componentSchemas, type Document, jsonSchema, pageSchema, schemaName } from './openapi-schemas.js';
import { DRY_RUN } from '../entities/command-request.js';
import { isForOperators, tenantQuery } from '../entities/command-place.js';
import { stateQuery } from '../entities/past-query.js';
import type { ReadRoute } from '../entities/read-route.js';

/** What the documents say of marked fields. */
const PERSONAL_FIELDS =
  'Fields with `x-personal-data: true` may hold personal data. Keep their values out of logs and addresses.';

/**
 * The OpenAPI 3.1 document of a service, derived from the contract and the routes of its read
 * models.
 */
export function openApiDocument(
  contract: EntityContract,
  reads: readonly ReadRoute[],
  version: string,
): Document {
  const paths: Record<string, Document> = {};
  const base = `/v1/${contract.plural}`;
  for (const [type, command] of Object.entries(contract.commands)) {
    if (command.visibility !== 'public') continue;
    paths[`${base}/{id}/${routeOf(type)}`] = { post: commandOperation(contract, type, command, true) };
    paths[`${base}/{id}/${routeOf(type)}${DRY_RUN}`] = { post: dryRunOperation(contract, type, command) };
    if (command.creates) paths[base] = { post: commandOperation(contract, type, command, false) };
  }
  Object.assign(paths, entityPaths(contract, base));
  for (const read of reads) paths[read.path] = { ...paths[read.path], get: readOperation(contract, read) };
  return {
    openapi: '3.1.0',
    info: {
      title: `Perdure: ${contract.plural}`,
      version,
      summary: contract.summary,
      description: PERSONAL_FIELDS,
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: contract.plural, description: contract.summary }],
    paths,
    components: { schemas: componentSchemas(contract), securitySchemes },
    'x-problems': problemsOf(contract),
  };
}

/** Every code that a request may be answered with. */
function problemsOf({ rejections }: EntityContract): readonly Document[] {
  const codes = { ...requestProblems, ...genericRejections, ...rejections };
  return Object.entries(codes).map(([code, { status, title }]) => ({ code, status, title }));
}

function dryRunOperation(contract: EntityContract, type: string, command: PublicCommandContract): Document {
  const operation = commandOperation(contract, type, command, true);
  return {
    ...operation,
    operationId: `${contract.name}${type}DryRun`,
    summary: `What would come of it: ${command.summary}`,
    responses: {
      200: reply('The outcome, which was not stored', 'DryRun'),
      ...problemResponses(requestProblems),
    },
  };
}

function commandOperation(
  contract: EntityContract,
  type: string,
  command: PublicCommandContract,
  hasId: boolean,
): Document {
  return {
    tags: [contract.plural],
    operationId: `${contract.name}${type}${hasId ? '' : 'WithNewId'}`,
    summary: hasId ? command.summary : `${command.summary}, with a generated id`,
    ...allowedCommand(command),
    parameters: [
      ...(hasId ? [idParameter] : []),
      ...(isForOperators(command) ? queryParameters(tenantQuery) : []),
      ...commandHeadersParameters,
    ],
    requestBody: {
      // A missing body counts as an empty object.
      required: !command.schema.safeParse({}).success,
      content: jsonContent(schemaName(contract, type)),
    },
    responses: {
      [command.creates ? 201 : 200]: reply(
        'The command was accepted (with Prefer: wait)',
        schemaName(contract, 'Accepted'),
        revisionHeaders,
      ),
      202: reply('The command is durable and will be decided; the receipt is at Location', 'Pending', {
        Location: { description: 'Address of the receipt', schema: { type: 'string' } },
      }),
      ...problemResponses({ ...requestProblems, ...genericRejections, ...contract.rejections }),
    },
  };
}

function entityPaths(contract: EntityContract, base: string): Record<string, Document> {
  const { name, plural } = contract;
  const get = (
    operationId: string,
    summary: string,
    parameters: readonly Document[],
    answers: Document,
    access = allowed(contract.access.read),
  ): Document => ({
    get: {
      tags: [plural],
      operationId,
      summary,
      ...access,
      parameters: [idParameter, ...parameters],
      responses: { ...answers, ...problemResponses(readProblems) },
    },
  });
  return {
    ...pastPaths(get, contract, base),
    [`${base}/{id}`]: get(
      `${name}State`,
      'The live state, or that at a revision or a time',
      [...queryParameters(stateQuery), ifNoneMatch],
      stateReplies(contract),
    ),
    [`${base}/{id}/events`]: get(
      `${name}Events`,
      'The events, oldest first: a page, or with `Accept: text/event-stream` all events and then new ones as they occur (`limit` and `cursor` are for pages only)',
      [...pageParameters, ...feedParameters],
      { 200: pageOf(schemaName(contract, 'Event'), eventStream) },
    ),
    [`${base}/events`]: feedOfAll(contract),
    [`${base}/{id}/commands/{commandId}`]: get(
      `${name}Receipt`,
      'The receipt of a command: its current stage, or with `Accept: text/event-stream` each stage as it is reached',
      [commandIdParameter, ...receiptParameters],
      receiptReplies(contract),
      allowed(receiptPolicy(contract.access), 'Each sender may read the receipts of its own commands.'),
    ),
  };
}

/** The replies to a request for the state: the state, or 304 if the client already has it. */
function stateReplies(contract: EntityContract): Document {
  return {
    200: reply('The live state', schemaName(contract, 'State'), revisionHeaders),
    304: { description: 'The state matches `If-None-Match`', headers: revisionHeaders },
  };
}

function feedOfAll(contract: EntityContract): Document {
  const { name, plural } = contract;
  const state = jsonContent(schemaName(contract, 'State'));
  return {
    get: {
      tags: [plural],
      operationId: `${name}Feed`,
      summary: `The events of all ${plural}, oldest first, and then new ones as they occur`,
      ...allowed(
        contract.access.feed,
        'With `Accept: text/event-stream`; without, it is the live state of the entity named `events`.',
      ),
      parameters: [...feedParameters, ifNoneMatch],
      responses: {
        ...stateReplies(contract),
        200: { description: 'Server-sent events', content: { ...eventStream, ...state } },
        ...problemResponses(readProblems),
      },
    },
  };
}

function receiptReplies(contract: EntityContract): Document {
  const { content, ...rest } = reply('The current stage of the command', schemaName(contract, 'Receipt'), {
    'Preference-Applied': { description: 'The wait that was applied', schema: { type: 'string' } },
  }) as { content: Document };
  return {
    200: { ...rest, content: { ...content, ...eventStream } },
    204: { description: 'For the feed: no stage follows the one in `Last-Event-ID`; do not reconnect' },
  };
}

/**
 * The fields of each event of a feed: `id`, from which to resume; `event`, its type; and `data`,
 * the same as in pages.
 */
const eventStream = { 'text/event-stream': { schema: { type: 'string' } } };

function readOperation(
  { plural }: EntityContract,
  { path, summary, operationId, allow, allTenants, query, item }: ReadRoute,
): Document {
  const filters = queryParameters(query);
  const ofOne = path.includes('{id}') ? [idParameter] : [];
  const parameters = [...ofOne, ...filters, ...pageParameters, consistencyToken];
  const page = pageSchema(jsonSchema(item, 'output'));
  const content = { 'application/json': { schema: page } };
  const ok = { description: 'A page', headers: freshnessHeaders, content };
  return {
    tags: [plural],
    operationId,
    summary,
    ...allowed(allow, allTenants && 'Operators see the rows of all tenants, others those of their own.'),
    parameters,
    responses: { 200: ok, ...problemResponses(readProblems) },
  };
}

function pageOf(schema: string, others: Document): Document {
  const page = pageSchema({ $ref: `#/components/schemas/${schema}` });
  return { description: 'A page', content: { 'application/json': { schema: page }, ...others } };
}
