import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SERVICE_NAMES } from '#contracts/services.js';
import { request } from '../support/account-rest.js';
import { depthOf, placesChosen } from '../support/depth.js';
import { type ApiReply, OpenApiClient } from '../support/openapi-client.js';
import {
  type Better,
  type MadeRequest,
  type OpenApi,
  type Operation,
  OpenApiRequests,
} from '../support/openapi-requests.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';

/** Number of requests, about half of them valid. */
const CASES = depthOf('FUZZ_CASES');
const CONCURRENCY = 8;
const LATE = 'late';
/** Values that only we hand out. The document cannot describe which of these texts are valid. */
const PLACES = new Set(['cursor', 'after', 'Last-Event-ID']);

const url = (): string => String(process.env['PERDURE_URL']);
/** Values from replies, by path: cursors, and commands by the path of their receipts. */
const cursors = new Map<string, string>();
const commands = new Map<string, { readonly id: string; readonly commandId: string }>();

let requests: OpenApiRequests;
let views: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  const { body } = await request(`${url()}/openapi.json`);
  requests = new OpenApiRequests(body as unknown as OpenApi, better);
  const listed = SERVICE_NAMES.map(async (service) => {
    const { body: found } = await request(`${url()}/v1/operations/${service}/views`);
    return [service, (found['data'] as { view: string }[]).map(({ view }) => view)] as const;
  });
  views = new Map(await Promise.all(listed));
});

/**
 * Few ids, so that requests meet the results of others, and nothing that reads a whole view or
 * topic.
 */
const better: Better = ({ operationId, path }, { name, schema }) => {
  const few = (...texts: string[]) => fc.constantFrom(...texts);
  switch (name) {
    case 'id':
      return fc.oneof(
        { weight: 19, arbitrary: few('f1', 'f2', 'f3', 'f4') },
        fc.stringMatching(new RegExp(`${schema.pattern}`)),
      );
    case 'commandId':
      return fc.oneof(few(LATE), fc.stringMatching(/^[A-Za-z0-9._~@:-]{1,40}$/));
    case 'cursor':
      return few(LATE);
    case 'Prefer':
      return few(
        'wait=1',
        'wait=2',
        'wait=0',
        'respond-async',
        'return=minimal; x, wait=1',
        'wait=soon',
        '=',
      );
    case 'Idempotency-Key':
      return fc.oneof(few('k1', '"k2"', 'two words'), fc.stringMatching(new RegExp(`${schema.pattern}`)));
    case 'If-Match':
      return few('*', '"0"', '"1"', '"2"', '"999999999999999"');
    case 'view':
      return operationId.endsWith('RebuildStart')
        ? few('no.such-view.v1')
        : few('no.such-view.v1', ...(views.get(path.split('/')[3] ?? '') ?? []));
    case 'schedule':
      return few('no-such.schedule', 'inventory-default.low-stock-digest');
    case 'stream':
      return few('account-default.f1', 'cart-default.f1', 'inventory-default.f1');
    default:
      return undefined;
  }
};

/** A doctor reads everything unless the request names an entity. */
function madeCheap(made: MadeRequest): MadeRequest {
  const { operation, body } = made;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (!operation.operationId.endsWith('Doctor') || (body !== undefined && !isObject)) return made;
  return { ...made, body: { ...body, stream: 'account-default.f1' } };
}

/** Replaces placeholders with values from earlier replies. */
function filledIn(made: MadeRequest): MadeRequest {
  const { operation } = made;
  const { cursor, commandId, ...others } = made.parameters;
  const next = cursors.get(operation.path);
  const command = commandId === LATE ? commands.get(operation.path) : undefined;
  const parameters = {
    ...others,
    ...(cursor !== undefined && cursor !== LATE && { cursor }),
    ...(cursor === LATE && next !== undefined && { cursor: next }),
    ...(commandId !== undefined && { commandId }),
    ...command,
  };
  return { ...made, parameters };
}

function isToBeRepeated({ status, headers, body }: ApiReply): boolean {
  const { code } = (body ?? {}) as ReplyBody;
  return status === 503 && code === 'ENGINE.UNAVAILABLE' && headers['retry-after'] !== undefined;
}

interface ReplyBody {
  readonly code?: string;
  readonly nextCursor?: string;
  readonly id?: string;
  readonly commandId?: string;
  readonly errors?: readonly { readonly header?: string; readonly parameter?: string }[];
}

function remember({ path }: Operation, { nextCursor, id, commandId }: ReplyBody): void {
  if (nextCursor !== undefined) cursors.set(path, nextCursor);
  if (id === undefined || commandId === undefined) return;
  const [collection = ''] = path.split('/{id}');
  commands.set(`${collection}/{id}/commands/{commandId}`, { id, commandId });
}

/** What is wrong with the answer to a request, or undefined. */
function complaint(made: MadeRequest, { status, type, body }: ApiReply): string | undefined {
  const { operation } = made;
  const { code = '', errors = [] } = (body ?? {}) as ReplyBody;
  if (status >= 500 || status === 0) return 'it is an internal error';
  const fault = requests.fault(made);
  const isOfForm = code.startsWith('REQUEST.') || code.startsWith('ROUTE.');
  const isNoPlace =
    errors.length > 0 && errors.every(({ header = '', parameter = header }) => PLACES.has(parameter));
  if (fault === undefined && isOfForm && !isNoPlace) return 'it is refused though it is valid';
  const isPath = operation.parameters.some(({ name, in: place }) => name === fault && place === 'path');
  if (fault !== undefined && !isOfForm && !(isPath && status === 404))
    return `it is taken in spite of ${fault}`;
  return requests.faultOfReply(operation, status, type, body);
}

/** A dry run takes what its command takes. */
const isChosen = placesChosen('dry runs', 4);

it(
  `accepts what the OpenAPI document describes, and nothing else (${CASES} requests)`,
  async () => {
    const seed = printedSeed();
    const random = seededRandom(seed);
    const operations = requests.operations.filter(
      ({ operationId }, place) => !operationId.endsWith('DryRun') || isChosen(place),
    );
    const each = Math.ceil(CASES / operations.length);
    const made = operations
      .flatMap((operation) => {
        const some = fc.sample(requests.to(operation), { numRuns: each, seed });
        // At least one request of each operation is invalid.
        return [...some, ...some.slice(0, 1).map((one) => ({ ...one, unknown: { unknown: 'x' } }))];
      })
      .map((one) => ({ one: madeCheap(one), at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
    const counts = new Map<string, number>();
    const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
    const complaints: string[] = [];
    const client = new OpenApiClient(url(), CONCURRENCY);
    const next = made.values();
    const sender = async () => {
      for (const one of next) {
        const sent = filledIn(one);
        let reply = await client.send(sent);
        // A busy machine may keep a worker from answering in time: retry as the answer says.
        for (let tries = 0; isToBeRepeated(reply) && tries < 3; tries += 1) {
          count(`repeated ${reply.status}`);
          await pause(Number(reply.headers['retry-after']) * 1_000);
          reply = await client.send(sent);
        }
        remember(sent.operation, reply.body ?? {});
        const isValid = requests.fault(sent) === undefined;
        count(isValid ? 'valid' : 'invalid');
        count(`${isValid ? 'valid' : 'invalid'} ${reply.status}`);
        count(`${sent.operation.operationId} ${isValid ? 'valid' : 'invalid'}`);
        const wrong = complaint(sent, reply);
        if (wrong === undefined) continue;
        const { operation, ...rest } = sent;
        complaints.push(
          `${operation.operationId}: ${wrong}: ${JSON.stringify({ ...rest, status: reply.status, body: reply.body }).slice(0, 1_500)}`,
        );
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, sender));
    client.close();
    console.log(`${made.length} requests: ${JSON.stringify(Object.fromEntries([...counts].sort()))}`);
    expect(complaints.slice(0, 20)).toEqual([]);
    expect(complaints).toHaveLength(0);
    for (const { operationId } of operations) {
      expect([operationId, counts.get(`${operationId} invalid`) ?? 0]).not.toContain(0);
    }
  },
  120_000 + CASES * 100,
);
