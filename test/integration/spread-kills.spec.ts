import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { SpreadResult } from '#libs/core/flow/spread/spread.js';
import { realTemporal } from '#libs/testing/real-temporal.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { eventually } from '../support/account-rest.js';
import { isLong } from '../support/depth.js';
import { ProbeDriver } from '../workflow/flows/probe-server.js';

const KILLS = isLong ? 6 : 2;
const ITEMS = 1_500 * KILLS;
/** As many leaves are under way, and each writes a segment in a second, of some 450 items. */
const LEAVES = 4;

let folder: string;
let server: TimeSkippingServer;
let leaves: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spread-kills-'));
  const messages = ['Pause', 'Resume', 'RetryFailed', 'Finish'];
  server = new TimeSkippingServer({
    deciders: [flowDecider({ name: 'spreading', messages })],
    workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
    openServer: realTemporal,
  });
  await server.open();
});

afterAll(async () => {
  leaves?.kill('SIGKILL');
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const log = () => join(folder, 'handled');
const handled = async () => (await readFile(log(), 'utf8').catch(() => '')).split('\n').slice(0, -1);

function startLeaves(): void {
  const args = [String(process.env['TEMPORAL_ADDRESS']), pathToFileURL(join(folder, 'blobs')).href, log()];
  leaves = fork(resolve('dist/test/integration/spread-leaves.process.js'), args);
}

/** Kills the leaves at work, after they have handled some more items. */
async function kill(): Promise<void> {
  const before = (await handled()).length;
  await eventually(
    async () => (await handled()).length,
    (count) => count > before + ITEMS / KILLS / 3,
    60_000,
  );
  const ended = once(leaves as ChildProcess, 'exit');
  leaves?.kill('SIGKILL');
  await ended;
}

/**
 * What became of each item, read from the files of the store by code that shares none with the
 * spread: the manifests and their segments, as they are documented.
 */
async function outcomesBelow(hash: string, into = new Map<number, string[]>()) {
  const text = await readBlob(hash);
  const [first = '{}'] = text.split('\n');
  const { kind, of = [] } = JSON.parse(first) as { kind?: string; of?: readonly { hash: string }[] };
  if (kind) {
    for (const part of of) await outcomesBelow(part.hash, into);
    return into;
  }
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const {
      item,
      from = item ?? 0,
      to = from + 1,
      outcome,
    } = JSON.parse(line) as {
      item?: number;
      from?: number;
      to?: number;
      outcome: string;
    };
    for (let index = from; index < to; index += 1) into.set(index, [...(into.get(index) ?? []), outcome]);
  }
  return into;
}

async function readBlob(hash: string): Promise<string> {
  const blobs = join(folder, 'blobs');
  const name = (await readdir(blobs, { recursive: true })).find((one) => one.endsWith(hash));
  return readFile(join(blobs, name ?? hash), 'utf8');
}

it(`counts each of ${ITEMS} items once although the leaves are killed ${KILLS} times`, async () => {
  startLeaves();
  const driver = new ProbeDriver(server, undefined, 'spreading');
  const input = { source: { count: ITEMS }, options: { itemsPerLeaf: 500, leaves: LEAVES } };
  await driver.send('Start', input);
  for (let kills = 0; kills < KILLS; kills += 1) {
    await kill();
    startLeaves();
  }
  const state = await eventually(
    async () => (await server.gateway.state(driver.stream))?.state,
    (known) => known?.['endedAt'] !== undefined,
    120_000,
  );
  const { manifest, value, ...counts } = (state?.['result'] ?? {}) as unknown as SpreadResult<string>;
  const rejected = ITEMS / 10;
  expect(counts).toEqual({ planned: ITEMS, done: ITEMS - rejected, rejected, failed: 0, left: 0 });
  const all = Array.from({ length: ITEMS }, (_, item) => item);
  expect(value).toBe(all.filter((item) => item % 10 !== 9).join(' '));
  const outcomes = await outcomesBelow(manifest?.hash ?? '');
  expect(all.filter((item) => outcomes.get(item)?.length !== 1)).toEqual([]);
  expect(all.filter((item) => outcomes.get(item)?.[0] !== (item % 10 === 9 ? 'rejected' : 'done'))).toEqual(
    [],
  );
  // What was handled again is what had no heartbeat yet: not the leaves from their beginnings.
  const handedAgain = (await handled()).length - ITEMS;
  expect(handedAgain).toBeGreaterThanOrEqual(0);
  expect(handedAgain).toBeLessThan(KILLS * LEAVES * 500);
});
