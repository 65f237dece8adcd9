import { ENTITY_ID } from '#libs/core/entity-id.js';
import { STAGES } from '#libs/entity/memory/command-stages.js';
import { IDEMPOTENCY_KEY, IF_MATCH, MAX_WAIT_SECONDS } from '../entities/command-headers.js';
import { CONSISTENCY_TOKEN, MOST_ENTITIES } from '../entities/consistency-token.js';
import { LAST_EVENT_ID, PLACE } from '../entities/feed-api.js';
import { type Document, jsonSchema } from './openapi-schemas.js';
import { cursorParameter } from '../entities/page-query.js';
import { COMMAND_ID } from '../entities/receipt-api.js';

const text = { type: 'string' };

/** A text that a regular expression checks. */
export const like = ({ source }: RegExp, more: Document = {}): Document => ({
  ...text,
  pattern: source,
  ...more,
});

/** A part of the path, with an example. */
export function inPath(name: string, schema: Document, example: string): Document {
  return { name, in: 'path', required: true, schema, example };
}

/** `{id}` */
export const idParameter = inPath(
  'id',
  { ...text, minLength: 1, maxLength: 200, pattern: `^${ENTITY_ID}$` },
  'alice',
);

/** `{commandId}` */
export const commandIdParameter = inPath(
  'commandId',
  like(COMMAND_ID),
  '0199c1f0-0000-7000-8000-000000000000',
);

/** A header of a request. */
export const header = (name: string, description: string, schema: Document, example: string): Document => ({
  name,
  in: 'header',
  description,
  schema,
  example,
});

/** The headers every command takes. */
export const commandHeadersParameters = [
  header(
    'Prefer',
    `\`wait=N\` answers with the outcome, if it is there within N seconds (at most ${MAX_WAIT_SECONDS}). ` +
      'Other preferences are passed over, as RFC 7240 has it',
    text,
    'wait=10',
  ),
  header(
    'Idempotency-Key',
    'The same key again is the same command: it is answered with the first outcome. ' +
      '1 to 255 printable ASCII characters, bare or as a quoted string',
    like(IDEMPOTENCY_KEY),
    'pay-in-1',
  ),
  header(
    'If-Match',
    'The revision the command is meant for, as one strong ETag; any other is answered 412. `*` is any revision',
    like(IF_MATCH),
    '"17"',
  ),
  header(
    'X-Correlation-ID',
    'Ties what follows from the command together. One that does not match `[A-Za-z0-9._:-]{1,100}` is passed over',
    text,
    'order-42',
  ),
];

/** The header by which a state that the client has is not sent again. */
export const ifNoneMatch = header(
  'If-None-Match',
  'ETags that the client has, or `*`: when the state is at one of them, the answer is 304. What is no ETag is passed over',
  text,
  '"17"',
);

/** `limit` and `cursor` of every page. */
export const pageParameters = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
  {
    name: 'cursor',
    in: 'query',
    description: '`nextCursor` of the page before, for the same list and filters',
    schema: jsonSchema(cursorParameter),
  },
];

/** What a list takes to show what was just written. */
export const consistencyToken = {
  name: 'Consistency-Token',
  in: 'header',
  description:
    'Of a reply, or of several with commas between: the list waits until it shows those revisions (at most 2 s)',
  schema: { type: 'array', minItems: 1, maxItems: MOST_ENTITIES, items: like(CONSISTENCY_TOKEN) },
  example: ['account-default.alice@17'],
};

/** What a list says of its age when it was sent a token. */
export const freshnessHeaders = {
  'Consistency-Token': { description: 'The revisions that the list does show', schema: text },
  'Stale-By': { description: 'How many revisions are missing', schema: { type: 'integer', minimum: 1 } },
  'Stale-Parked': {
    description: 'Entities that the list cannot go on with, and at which revision',
    schema: text,
  },
};

/** The headers of replies that know a revision. */
export const revisionHeaders = {
  ETag: { description: 'The revision, as a strong ETag', schema: text },
  'Consistency-Token': { description: 'Send it back to a list, to read what was written', schema: text },
};

/** How a receipt is waited for. */
export const receiptParameters = [
  header(
    'Prefer',
    '`wait=N` answers once the command has come to the stage of `until`, or N seconds are over',
    text,
    'wait=10',
  ),
  {
    name: 'until',
    in: 'query',
    description: 'The stage to wait for: `decided` by default, as a feed `projected`',
    schema: { enum: STAGES },
  },
  header(
    'Last-Event-ID',
    'The stage that was heard last; a feed goes on after it',
    eitherOf(STAGES),
    STAGES[0],
  ),
];

/** After which event a page or a live feed begins. */
export const feedParameters = [
  header(
    'Last-Event-ID',
    'The id of the last event that was heard; counts before `after`',
    like(LAST_EVENT_ID),
    '17',
  ),
  {
    name: 'after',
    in: 'query',
    description:
      'Only what comes after this id, after the `start` (the default) or after the `end` (only what is new)',
    schema: like(PLACE),
    example: 'start',
  },
];

/** A browser that has heard nothing yet may send an empty header. */
function eitherOf(values: readonly string[]): Document {
  return { enum: [...values, ''] };
}
