import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SERVICE_NAMES } from '#contracts/services.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import { processesIn } from '#tools/dev-stack/process-table.js';
import { allAnswer, insist, request } from '../support/account-rest.js';
import { cellsChosen } from '../support/depth.js';
import { OpenApiClient } from '../support/openapi-client.js';
import {
  type MadeRequest,
  type OpenApi,
  type Operation,
  OpenApiRequests,
} from '../support/openapi-requests.js';

/** The longest that an answer may take: an operator's transaction times out after half a minute. */
const PATIENCE_MILLISECONDS = 45_000;
const CONNECTIONS = 256;
const ID = 'away-1';

const url = (): string => String(process.env['PERDURE_URL']);

const engines = ['temporal', 'kafka', 'event-store', 'postgres'] as const;
type Engine = (typeof engines)[number];

/** Freezes or unfreezes a server. PostgreSQL has a process for each connection. */
function signal(engine: Engine, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (engine !== 'postgres') return killServer(engine, name);
  const data = realpathSync(join(String(process.env[testHome]), 'postgres'));
  for (const pid of processesIn(data)) process.kill(pid, name);
}

/** The first view of each service. */
const views = new Map<string, string>();

/** Parameters for the table of all routes: each as documented, for an existing entity and view. */
const better = (
  { path }: Operation,
  { name }: { readonly name: string },
): fc.Arbitrary<string> | undefined => {
  const values: Readonly<Record<string, string | undefined>> = {
    id: ID,
    commandId: 'c-1',
    Prefer: 'wait=1',
    view: views.get(path.split('/')[3] ?? ''),
    stream: `account-default.${ID}`,
    day: '2026-01-01',
    'Consistency-Token': `account-default.${ID}@0`,
  };
  return values[name] === undefined ? undefined : fc.constant(values[name]);
};

/**
 * Parameters that would change the request: an unknown position, another revision, the key of
 * another command.
 */
const LEFT_OUT = new Set([
  'cursor',
  'after',
  'Last-Event-ID',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'X-Correlation-ID',
]);

let table: readonly MadeRequest[];
let client: OpenApiClient;
beforeAll(async () => {
  await allReady();
  const open = { owner: 'Away', currency: 'EUR' };
  await insist(url(), ID, 'open', 'open', open, { prefer: 'wait=20' });
  for (const service of SERVICE_NAMES) {
    const { body: found } = await request(`${url()}/v1/operations/${service}/views`);
    const [first] = found['data'] as { readonly view: string }[];
    views.set(service, String(first?.view));
  }
  const { body } = await request(`${url()}/openapi.json`);
  const requests = new OpenApiRequests(body as unknown as OpenApi, better);
  table = requests.operations.flatMap((operation) => {
    const parameters = operation.parameters.filter(({ name }) => !LEFT_OUT.has(name));
    const [made] = fc.sample(requests.right({ ...operation, parameters }), { numRuns: 1, seed: 1 });
    const asked = made as MadeRequest;
    const isDoctor = operation.operationId.endsWith('Doctor');
    return isDoctor
      ? [{ ...asked, body: {} }]
      : [asked, ...(asked.isFeed ? [{ ...asked, isFeed: false }] : [])];
  });
  client = new OpenApiClient(url(), CONNECTIONS, PATIENCE_MILLISECONDS);
});
afterAll(() => client.close());

const allReady = () => allAnswer([`${url()}/health/ready`], 120_000);

/** What is wrong with the answer of a route while a server was unavailable, or undefined. */
async function complaint(made: MadeRequest): Promise<string | undefined> {
  const { operationId } = made.operation;
  const begun = Date.now();
  const reply = await client.send(made).catch((error: unknown) => String(error));
  const said = `${operationId} after ${Date.now() - begun} ms`;
  if (typeof reply === 'string') return `${said}: ${reply}`;
  const { status, headers, body, text } = reply;
  if (operationId.endsWith('Doctor')) {
    const last = text.trim().split('\n').at(-1) ?? '';
    return /"kind":"(?:done|failed)"/.test(last) || status === 503
      ? undefined
      : `${said}: ${text.slice(-300)}`;
  }
  if (status < 500) return undefined;
  const { code, engine } = (body ?? {}) as { readonly code?: string; readonly engine?: string };
  const isNamed = engine !== undefined || code === 'COMMAND.OUTCOME_UNKNOWN';
  const isRight = status === 503 && isNamed && headers['retry-after'] !== undefined;
  return isRight ? undefined : `${said}: ${status} ${text.slice(0, 500)}`;
}

async function complaints(): Promise<readonly string[]> {
  const answers = await Promise.all(table.map((made) => complaint(made)));
  return answers.filter((one) => one !== undefined);
}

/** The probe of a load balancer, which never waits. */
async function probed(): Promise<number> {
  const begun = Date.now();
  const { status } = await request(`${url()}/health/ready`);
  expect([200, 503]).toContain(status);
  return Date.now() - begun;
}

const isChosen = cellsChosen('faults of servers', 3);
const on = (engine: Engine, fault: number) => (isChosen(engines.indexOf(engine), fault) ? it : it.skip);

describe.each(engines)('while %s', (engine) => {
  on(engine, 0)('is frozen, every route answers in time, and none with an internal error', async () => {
    signal(engine, 'SIGSTOP');
    try {
      expect(await complaints()).toEqual([]);
      expect(await probed()).toBeLessThan(10_000);
    } finally {
      signal(engine, 'SIGCONT');
    }
    await allReady();
  });

  on(engine, 1)('is killed and comes back, no route answers with a defect', async () => {
    killServer(engine);
    expect(await complaints()).toEqual([]);
    await allReady();
  });
});
