import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { eachOf } from '#libs/runtime/each-of.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import { eventually, insistOn, read, request } from '../support/account-rest.js';
import { depthOf, isLong } from '../support/depth.js';

const FLOWS = depthOf('LOST_FLOWS');
const LOSSES = depthOf('TEMPORAL_LOSSES');
/** Longer than it takes to lose Temporal, as often as it is lost. */
const SETTLE_SECONDS = isLong ? 240 : 20;
const AMOUNT = 250;
/** Of an import. */
const ROWS = 3_000;
const PATIENCE_MILLISECONDS = 120_000;
const TEST_MILLISECONDS = isLong ? 900_000 : 240_000;

const url = String(process.env['PERDURE_URL']);
const reference = `drill-${randomUUID()}`;
const ids = Array.from({ length: FLOWS }, (_, index) => `${reference}-${String(index).padStart(3, '0')}`);
const addressOf = (id: string) => `${url}/v1/flows/card-payment/${id}`;

interface Flow {
  readonly id: string;
  readonly status: string;
  readonly waitsFor?: string;
  readonly waitUntil?: string;
}

let pool: Pool;
beforeAll(() => {
  pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });
  pool.on('error', () => undefined);
});
afterAll(() => pool.end());

/** The flows of this drill that the list shows with this status. */
async function listed(status: string, type = 'cardPayment', of: readonly string[] = ids) {
  const found: Flow[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { body } = await read(`${url}/v1/flows?type=${type}&status=${status}&limit=100${from}`);
    found.push(...((body['data'] ?? []) as Flow[]).filter(({ id }) => of.includes(id)));
    cursor = body['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return found;
}

const any = () => true;

async function allListed(
  status: string,
  isSo: (flow: Flow) => boolean = any,
  milliseconds = PATIENCE_MILLISECONDS,
) {
  const flows = await eventually(
    () => listed(status),
    (found) => found.filter(isSo).length === FLOWS,
    milliseconds,
  );
  return new Map(flows.map((flow) => [flow.id, flow]));
}

const charges = async () => {
  const { body } = await read(`${process.env['CARD_PROVIDER_URL']}/payments?reference=${reference}`);
  return body;
};

/** It starts again with an empty database, as after a disk was replaced. */
async function emptyTemporal(): Promise<void> {
  killServer('temporal', 'SIGSTOP');
  rmSync(join(String(process.env[testHome]), 'temporal'), { recursive: true });
  killServer('temporal');
}

/** How many of the flows were woken for a database that Temporal has had only since then. */
async function wokenSince(emptied: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count
     FROM read_model.flows_v2 JOIN perdure_memory.temporal_databases ON since > $2
     WHERE type = 'cardPayment' AND id = ANY ($1) AND woken_at > since + interval '59 seconds'`,
    [ids, emptied],
  );
  return rows[0]?.count ?? 0;
}

async function perdure(...words: readonly string[]): Promise<string> {
  const program = 'dist/apps/operator/src/main.js';
  const env = { ...process.env, PERDURE_URL: url };
  const ended = promisify(execFile)(process.execPath, [program, ...words], { env });
  const { stdout } = await ended.catch((failure: { readonly stdout: string }) => failure);
  return stdout;
}

/** As an operator does: again, as long as some have not answered. */
async function restartAll(type?: string, of?: readonly string[]): Promise<void> {
  const left = async () => {
    await perdure('flows', 'restart', type ?? 'cardPayment', '--all');
    return listed('lost', type, of);
  };
  await eventually(left, ({ length }) => length === 0, PATIENCE_MILLISECONDS);
}

/** An import that is paused while some of its rows are left. */
async function pausedImport() {
  const sku = `drill-${randomUUID()}`;
  const text = ['sku,command,quantity', ...Array.from({ length: ROWS }, () => `${sku},receive,1`)].join('\n');
  const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: text };
  const { body } = await request(`${url}/v1/stock-imports`, init);
  const address = `${url}/v1/stock-imports/${String(body['id'])}`;
  const tell = (verb: string) => insistOn(`${address}/${verb}`, `${sku} ${verb}`, {}, { prefer: 'wait=10' });
  const until = (isSo: (status: string) => boolean) =>
    eventually(
      () => read(address),
      ({ body: view }) => isSo(String(view['status'])),
      PATIENCE_MILLISECONDS,
    );
  await tell('pause');
  const { body: paused } = await until((status) => status === 'paused');
  expect(paused['left']).toBeGreaterThan(0);
  return { id: String(body['id']), sku, tell, until };
}

it(
  `${FLOWS} open flows are lost with Temporal ${LOSSES} times, restarted, and charge nobody twice`,
  async () => {
    await eachOf(ids, 16, async (id) => {
      const input = { reference, amount: AMOUNT, currency: 'EUR', card: 'tok_visa' };
      const start = { ...input, settleAfter: `${SETTLE_SECONDS}s` };
      await insistOn(`${addressOf(id)}/start`, `start-${id}`, start, { prefer: 'wait=20' });
    });
    const asleep = ({ waitsFor }: Flow) => waitsFor?.startsWith('sleep') === true;
    const before = await allListed('running', asleep);
    expect(await charges()).toMatchObject({ count: FLOWS, charged: { EUR: FLOWS * AMOUNT } });
    const { id: importId, sku, tell, until } = await pausedImport();

    for (let losses = 1; losses <= LOSSES; losses += 1) {
      const emptied = new Date();
      await emptyTemporal();
      if (isLong) {
        await eventually(
          () => wokenSince(emptied),
          (count) => count >= FLOWS / 10,
          PATIENCE_MILLISECONDS,
          20,
        );
        killServer('account');
      }
      await allListed('lost');
      await restartAll();
      await eventually(
        () => listed('lost', 'stockImport', [importId]),
        ({ length }) => length === 1,
        PATIENCE_MILLISECONDS,
      );
      await restartAll('stockImport', [importId]);
      if (losses < LOSSES) {
        const again = await allListed('running', asleep);
        for (const [id, { waitUntil }] of again) expect(waitUntil).toBe(before.get(id)?.waitUntil);
      }
    }

    // It sends all rows again, under the same keys.
    await tell('resume');
    const { body: imported } = await until((status) => status === 'completed');
    expect(imported).toMatchObject({ rows: ROWS, applied: ROWS, rejected: 0, failed: 0, left: 0 });
    expect(await read(`${url}/v1/inventory/${sku}`)).toMatchObject({ body: { onHand: ROWS } });

    // They sleep until their time, however soon they were restarted.
    await allListed('completed', undefined, SETTLE_SECONDS * 1_000 + PATIENCE_MILLISECONDS);
    for (const id of ids) {
      const { body } = await request(addressOf(id));
      expect(body).toMatchObject({ status: 'completed', result: { state: 'succeeded' } });
      const events = await request(`${addressOf(id)}/events`);
      const types = (events.body['data'] as { type: string }[]).map(({ type }) => type);
      const counts = Object.fromEntries(
        ['FlowStarted', 'FlowLost', 'FlowRestarted', 'FlowCompleted'].map((type) => [
          type,
          types.filter((one) => one === type).length,
        ]),
      );
      expect(counts).toEqual({
        FlowStarted: 1,
        FlowLost: LOSSES,
        FlowRestarted: LOSSES,
        FlowCompleted: 1,
      });
    }
    expect(await charges()).toMatchObject({ count: FLOWS, charged: { EUR: FLOWS * AMOUNT } });
  },
  TEST_MILLISECONDS,
);
