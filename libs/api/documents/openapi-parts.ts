import type { z } from 'zod';
import { ENTITY_ID } from '#libs/core/entity-id.js';
import { STAGES } from '#libs/entity/memory/command-stages.js';
import { IDEMPOTENCY_KEY, IF_MATCH, MAX_WAIT_SECONDS } from '../entities/command-headers.js';
import { CONSISTENCY_TOKEN, MOST_ENTITIES } from '../entities/consistency-token.js';
import { LAST_EVENT_ID, PLACE } from '../entities/feed-api.js';
import { type Document, jsonSchema } from './openapi-schemas.js';
import { cursorParameter } from '../entities/page-query.js';
import { COMMAND_ID, COMMAND_ID_LENGTH } from '../entities/receipt-api.js';

const text = { type: 'string' };

/** The schema of a text that matches a regular expression. */
export const like = ({ source }: RegExp, more: Document = {}): Document => ({
  ...text,
  pattern: source,
  ...more,
});

/** A path parameter, with an example. */
export function inPath(name: string, schema: Document, example: string): Document {
  return { name, in: 'path', required: true, schema, example };
}

/** The path parameter `{id}`. */
export const idParameter = inPath(
  'id',
  { ...text, minLength: 1, maxLength: 200, pattern: `^${ENTITY_ID}$` },
  'alice',
);

/** The path parameter `{commandId}`. */
export const commandIdParameter = inPath(
  'commandId',
  like(COMMAND_ID, { minLength: 1, maxLength: COMMAND_ID_LENGTH }),
  '0199c1f0-0000-7000-8000-000000000000',
);

/** A request header. */
export const header = (name: string, description: string, schema: Document, example: string): Document => ({
  name,
  in: 'header',
  description,
  schema,
  example,
});

/** The headers that every command accepts. */
export const commandHeadersParameters = [
  header(
    'Prefer',
    `\`wait=N\` answers with the outcome if it is known within N seconds (at most ${MAX_WAIT_SECONDS}). ` +
      'Other preferences are ignored, as in RFC 7240',
    text,
    'wait=10',
  ),
  header(
    'Idempotency-Key',
    'The same key identifies the same command, which is answered with its first outcome. ' +
      '1 to 255 printable ASCII characters, bare or as a quoted string',
    like(IDEMPOTENCY_KEY),
    'pay-in-1',
  ),
  header(
    'If-Match',
    'The required revision, as one strong ETag; any other is answered 412. `*` is any revision',
    like(IF_MATCH),
    '"17"',
  ),
  header(
    'X-Correlation-ID',
    'Correlates everything that follows from the command. A value that does not match `[A-Za-z0-9._:-]{1,100}` is ignored',
    text,
    'order-42',
  ),
];

/** `If-None-Match`, which avoids sending a state that the client already has. */
export const ifNoneMatch = header(
  'If-None-Match',
  'ETags that the client has, or `*`: if the state matches one of them, the answer is 304. Anything that is not an ETag is ignored',
  text,
  '"17"',
);

/** The parameters of every page: `limit` and `cursor`. */
export const pageParameters = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
  {
    name: 'cursor',
    in: 'query',
    description: '`nextCursor` of the previous page, for the same list and filters',
    schema: jsonSchema(cursorParameter),
  },
];

/** `Consistency-Token`, which makes a list wait for what the client has just written. */
export const consistencyToken = {
  name: 'Consistency-Token',
  in: 'header',
  description:
    'Token of a reply, or of several, separated by commas: the list waits until it shows those revisions (at most 2 s)',
  schema: { type: 'array', minItems: 1, maxItems: MOST_ENTITIES, items: like(CONSISTENCY_TOKEN) },
  example: ['account-default.alice@17'],
};

/** The headers with which a list that received a token reports its lag. */
export const freshnessHeaders = {
  'Consistency-Token': { description: 'The revisions that the list shows', schema: text },
  'Stale-By': { description: 'How many revisions are missing', schema: { type: 'integer', minimum: 1 } },
  'Stale-Parked': {
    description: 'Entities that the list cannot continue with, and at which revision',
    schema: text,
  },
};

/** The headers of replies that have a revision. */
export const revisionHeaders = {
  ETag: { description: 'The revision, as a strong ETag', schema: text },
  'Consistency-Token': { description: 'Send it back to a list to read your own writes', schema: text },
};

/** The parameters for waiting for a receipt. */
export const receiptParameters = [
  header(
    'Prefer',
    '`wait=N` answers once the command has reached the stage in `until`, or after N seconds',
    text,
    'wait=10',
  ),
  {
    name: 'until',
    in: 'query',
    description: 'The stage to wait for. Default: `decided`; for a feed, `projected`',
    schema: { enum: STAGES },
  },
  header('Last-Event-ID', 'The last stage received; a feed resumes after it', eitherOf(STAGES), STAGES[0]),
];

/** The parameter for the event after which a page or a live feed starts. */
export const feedParameters = [
  header(
    'Last-Event-ID',
    'The id of the last event received; takes precedence over `after`',
    like(LAST_EVENT_ID),
    '17',
  ),
  {
    name: 'after',
    in: 'query',
    description: 'Start after this id, at the `start` (default) or at the `end` (new events only)',
    schema: like(PLACE),
    example: 'start',
  },
];

/** A browser that has received nothing yet may send an empty header. */
function eitherOf(values: readonly string[]): Document {
  return { enum: [...values, ''] };
}

/** A reply whose body has a schema of the document. */
export function reply(description: string, schema: string, headers: Document = {}): Document {
  return { description, headers, content: jsonContent(schema) };
}

/** A body in JSON with a schema of the document. */
export function jsonContent(schema: string): Document {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}

/** The parameters of a query, from its schema. */
export function queryParameters({ shape }: z.ZodObject): readonly Document[] {
  return Object.entries<z.ZodType>(shape as Record<string, z.ZodType>).map(([name, schema]) => ({
    name,
    in: 'query',
    ...(!schema.safeParse(undefined).success && { required: true }),
    schema: jsonSchema(schema),
  }));
}
