import { STAGES } from '#libs/receipts/command-stages.js';
import { MAX_WAIT_SECONDS } from './command-headers.js';

const text = { type: 'string' };

/** `{id}` */
export const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[A-Za-z0-9._~@:-]{1,200}$' },
  example: 'alice',
};

const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  description,
  schema: text,
  example,
});

/** The headers every command takes. */
export const commandHeadersParameters = [
  header(
    'Prefer',
    `\`wait=N\` answers with the outcome, if it is there within N seconds (at most ${MAX_WAIT_SECONDS})`,
    'wait=10',
  ),
  header(
    'Idempotency-Key',
    'The same key again is the same command: it is answered with the first outcome',
    'pay-in-1',
  ),
  header('If-Match', 'The revision the command is meant for; any other is answered 412', '"17"'),
  header('X-Correlation-ID', 'Ties what follows from the command together', 'order-42'),
];

/** `limit` and `cursor` of every page. */
export const pageParameters = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
  { name: 'cursor', in: 'query', description: '`nextCursor` of the page before', schema: text },
];

/** What a list takes to show what was just written. */
export const consistencyToken = {
  name: 'Consistency-Token',
  in: 'header',
  description:
    'Of a reply, or of several with commas between: the list waits until it shows those revisions (at most 2 s)',
  schema: text,
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
    'wait=10',
  ),
  {
    name: 'until',
    in: 'query',
    description: 'The stage to wait for: `decided` by default, as a feed `projected`',
    schema: { enum: STAGES },
  },
];

/** Where a live feed goes on. */
export const feedParameters = [
  header('Last-Event-ID', 'The id of the last event that was heard; counts before `after`', '17'),
  {
    name: 'after',
    in: 'query',
    description: 'With `Accept: text/event-stream`: an id, `start` (the default) or `end` (only what is new)',
    schema: text,
  },
];
