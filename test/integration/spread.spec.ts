import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBlobStore } from '#libs/blob/open-blob-store.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { JsonObject } from '#libs/core/json.js';
import type { SpreadProgress, SpreadResult } from '#libs/core/flow/spread/spread.js';
import { leaf, type LeafItem } from '#libs/flow/leaves/leaf.js';
import { outcomesIn } from '#libs/flow/leaves/read-manifest.js';
import { writeItems } from '#libs/flow/leaves/spread-items.js';
import { realTemporal } from '#libs/testing/real-temporal.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { eventually, ProbeDriver } from '../workflow/flows/probe-server.js';
import { Collect } from '../workflow/flows/spreading.js';

let folder: string;
let blobs: BlobStore;
let server: TimeSkippingServer;
/** How often each item was handed to the leaf. */
let handed = new Map<number, number>();
let handle: (item: LeafItem, signal: AbortSignal) => Promise<unknown> = async () => undefined;

const collect = leaf(Collect, async (items, { signal }) =>
  Promise.all(
    items.map(async (item) => {
      handed.set(item.index, (handed.get(item.index) ?? 0) + 1);
      const refused = (await handle(item, signal)) as { outcome: 'rejected' | 'failed' } | undefined;
      if (refused) return { ...refused, code: 'TEST.REFUSED', detail: `not ${item.index}` };
      return { outcome: 'done' as const, value: String(item.index) };
    }),
  ),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spread-'));
  blobs = openBlobStore(pathToFileURL(folder).href);
  const messages = ['Pause', 'Resume', 'RetryFailed', 'Finish'];
  server = new TimeSkippingServer({
    deciders: [flowDecider({ name: 'spreading', messages })],
    workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
    openServer: realTemporal,
    calls: {},
    leaves: { handled: [collect], blobs },
  });
  await server.open();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a spread. */
async function start(input: object) {
  handed = new Map();
  handle = async () => undefined;
  const driver = new ProbeDriver(server, undefined, 'spreading');
  const begin = () => driver.send('Start', input as JsonObject);
  return { driver, begin };
}

const resultOf = async (driver: ProbeDriver) =>
  (await driver.ended()).result as unknown as SpreadResult<string>;

/** The final outcome of each item, by its number. */
async function outcomesOf(manifest: BlobRef | undefined) {
  const outcomes = new Map<number, string[]>();
  const add = (item: number, outcome: string) => outcomes.set(item, [...(outcomes.get(item) ?? []), outcome]);
  if (!manifest) return outcomes;
  for await (const line of outcomesIn(blobs, manifest)) {
    if ('item' in line) add(line.item, line.outcome);
    else for (let item = line.from; item < line.to; item += 1) add(item, line.outcome);
  }
  return outcomes;
}

const isIn =
  (phase: SpreadProgress['phase']) =>
  ({ progress }: FlowState) =>
    (progress as SpreadProgress | undefined)?.phase === phase;

/** Resolves once the leaf is told to stop. */
const aborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));

/** A root continues as new after some twenty. */
const MOST_PASSES = 60;

const all = (count: number) => Array.from({ length: count }, (_, item) => item);

describe('a spread', () => {
  it('handles each item once, and merges in their order', async () => {
    const { driver, begin } = await start({ source: { count: 95 }, options: { itemsPerLeaf: 7 } });
    handle = async ({ index }) => (index % 10 === 9 ? { outcome: 'rejected' } : undefined);
    await begin();
    const { value, manifest, ...counts } = await resultOf(driver);
    expect(counts).toEqual({ planned: 95, done: 86, rejected: 9, failed: 0, left: 0 });
    expect(value).toBe(
      all(95)
        .filter((item) => item % 10 !== 9)
        .join(' '),
    );
    const outcomes = await outcomesOf(manifest);
    expect(outcomes).toEqual(new Map(all(95).map((item) => [item, [item % 10 === 9 ? 'rejected' : 'done']])));
    expect([...handed.values()].every((times) => times === 1)).toBe(true);
  });

  it('of nothing ends at once', async () => {
    const { driver, begin } = await start({ source: { count: 0 } });
    await begin();
    expect(await resultOf(driver)).toEqual({ planned: 0, done: 0, rejected: 0, failed: 0, left: 0 });
  });

  it('hands over what a blob holds', async () => {
    const texts = all(40).map((item) => Buffer.from('x'.repeat(item % 5) + item));
    const source = await writeItems(blobs, 'uploads/1', texts, 10_000);
    const { driver, begin } = await start({ source, options: { itemsPerLeaf: 6 } });
    const contents = new Map<number, string>();
    handle = async ({ index, content }) => void contents.set(index, Buffer.from(content ?? []).toString());
    await begin();
    expect(await resultOf(driver)).toMatchObject({ done: 40 });
    expect(all(40).map((item) => contents.get(item))).toEqual(texts.map(String));
  });

  it('pauses, resumes, and counts what was done before', async () => {
    const { driver, begin } = await start({
      source: { count: 200 },
      options: { itemsPerLeaf: 20, leaves: 4 },
    });
    handle = async ({ index }, signal) => (index % 20 === 5 ? aborted(signal) : undefined);
    await begin();
    await driver.send('Pause');
    const paused = await driver.until(isIn('paused'));
    const { done, left, planned } = paused.progress as unknown as SpreadProgress;
    expect(done + left).toBe(planned);
    expect(done % 6).toBe(0);
    expect(left).toBeGreaterThanOrEqual(200 - 4 * 6);
    handle = async () => undefined;
    await driver.send('Resume');
    expect(await resultOf(driver)).toMatchObject({ done: 200, left: 0 });
  });

  it('retries only what has failed, when it is told to', async () => {
    const { driver, begin } = await start({
      source: { count: 60 },
      options: { itemsPerLeaf: 7, retryFor: '1d' },
    });
    handle = async ({ index }) => (index % 7 === 3 ? { outcome: 'failed' } : undefined);
    await begin();
    await driver.until(({ progress }) => (progress as SpreadProgress | undefined)?.phase === 'waiting');
    handle = async ({ index }) => (index === 10 ? { outcome: 'rejected' } : undefined);
    handed = new Map();
    await driver.send('RetryFailed');
    const { manifest, value, ...counts } = await resultOf(driver);
    expect(counts).toEqual({ planned: 60, done: 59, rejected: 1, failed: 0, left: 0 });
    expect(
      value
        ?.split(' ')
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(all(60).filter((item) => item !== 10));
    expect([...handed.keys()].every((item) => item % 7 === 3)).toBe(true);
    const outcomes = await outcomesOf(manifest);
    expect(all(60).map((item) => outcomes.get(item))).toEqual(
      all(60).map((item) => [item === 10 ? 'rejected' : 'done']),
    );
  });

  it('loses nothing when its root continues as new', async () => {
    const { driver, begin } = await start({
      source: { count: 3 },
      options: { itemsPerLeaf: 2, retryFor: '1d' },
    });
    const root = server.client.workflow.getHandle(`${driver.stream}/collect`);
    let isContinued = false;
    handle = async ({ index }) => {
      if (index === 0) return undefined;
      if (index === 1) return { outcome: isContinued ? 'rejected' : 'failed' };
      return isContinued ? undefined : { outcome: 'failed' };
    };
    await begin();
    await eventually(() => handed.get(2) === 1);
    const { runId } = await root.describe();
    for (let pass = 2; !isContinued; pass += 1) {
      if (pass > MOST_PASSES) throw new Error('the history of the root only grows');
      await driver.send('RetryFailed');
      await eventually(() => handed.get(2) === pass);
      isContinued = (await root.describe()).runId !== runId;
    }
    await driver.send('RetryFailed');
    const { manifest, ...result } = await resultOf(driver);
    expect(result).toEqual({ planned: 3, done: 2, rejected: 1, failed: 0, left: 0, value: '0 2' });
    expect(handed.get(0)).toBe(1);
    expect(await outcomesOf(manifest)).toEqual(
      new Map([
        [0, ['done']],
        [1, ['rejected']],
        [2, ['done']],
      ]),
    );
  });

  it('stops beyond the tolerated share of failures, and retries all the rest', async () => {
    const { driver, begin } = await start({
      source: { count: 400 },
      options: { itemsPerLeaf: 10, leaves: 2, tolerance: 0.05, retryFor: '1d' },
    });
    handle = async () => ({ outcome: 'failed' });
    await begin();
    const { progress } = await driver.until(isIn('stopped'));
    const { failed, left, planned } = progress as unknown as SpreadProgress;
    expect(failed).toBeGreaterThan(20);
    expect(failed).toBeLessThan(150);
    expect(failed + left).toBe(planned);
    handle = async () => undefined;
    await driver.send('RetryFailed');
    expect(await resultOf(driver)).toMatchObject({ done: 400, failed: 0, left: 0 });
  });

  it('cancelled, ends with what was done', async () => {
    const { driver, begin } = await start({
      source: { count: 200 },
      options: { itemsPerLeaf: 20, leaves: 2 },
    });
    handle = async ({ index }, signal) => (index > 30 ? aborted(signal) : undefined);
    await begin();
    await driver.send('Cancel', { reason: 'enough' });
    const { status, progress } = await driver.ended();
    expect(status).toBe('cancelled');
    const { done, left, manifest } = progress as unknown as SpreadProgress;
    expect(done + left).toBe(200);
    expect((await outcomesOf(manifest)).size).toBe(done);
  });
});
