import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import { BlobStoreUnavailableError } from '#libs/blob/blob-store.errors.js';
import { flowPayloads } from '#libs/blob/flow-payloads.js';
import { FolderBlobStore } from '#libs/blob/folder-blob-store.js';
import type { JsonObject } from '#libs/core/json.js';
import { sha256 } from '#libs/core/sha256.js';
import { findInHistory } from '#libs/entity/gateway/command-history.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { areBlobsInUse } from '#libs/operations/flows/flow-blobs.js';
import { ProbeHome } from './probe-home.js';
import { eventually as poll } from '../../support/account-rest.js';
import { eventually, ProbeDriver } from './probe-server.js';

const MEGABYTES = 3_000_000;

/** A folder that can be away, and says what was put into it. */
class WatchedStore {
  folder = '';
  /** How many calls it does not answer from now on. */
  away = 0;
  readonly put: BlobRef[] = [];

  get store(): BlobStore {
    const real = () => {
      if (this.away === 0) return new FolderBlobStore(this.folder);
      this.away -= 1;
      throw new BlobStoreUnavailableError({ code: 'ECONNREFUSED' });
    };
    return {
      put: async (...of) => {
        const ref = await real().put(...of);
        this.put.push(ref);
        return ref;
      },
      get: async (ref) => real().get(ref),
    } as BlobStore;
  }
}

const watched = new WatchedStore();
const converter = flowPayloads(watched.store, (category) => category === 'probe');
const home = new ProbeHome(['probe'], converter, watched.store);
beforeAll(async () => {
  watched.folder = await mkdtemp(join(tmpdir(), 'perdure-blobs-'));
  await home.open();
  await home.startWorkers();
});
afterAll(async () => {
  await home.close();
  await rm(watched.folder, { recursive: true, force: true });
});
beforeEach(() => {
  home.asked.length = 0;
  home.answer = ({ text }) => ({ text: `${(text as string).slice(0, -3)}end` });
  watched.away = 0;
  watched.put.length = 0;
});

async function started(script: string, input: JsonObject = {}): Promise<ProbeDriver> {
  const probe = new ProbeDriver(home);
  expect(await probe.start(script, input)).toMatchObject({ status: 'accepted' });
  return probe;
}

const describe = (probe: ProbeDriver) => home.client.workflow.getHandle(probe.stream).describe();
const isWaiting = (state: { waits: readonly { name: string }[] }) =>
  state.waits.some(({ name }) => name === 'Note');

it('carries megabytes through calls in a small history, which is replayed', async () => {
  const probe = await started('heavy', { bytes: MEGABYTES });
  await probe.until(isWaiting);
  await home.stopWorkers();
  await home.startWorkers();
  const text = 'n'.repeat(60_000);
  expect(await probe.send('Note', { text })).toMatchObject({ status: 'accepted' });
  const { result } = await probe.ended();
  expect(result).toEqual({ length: MEGABYTES, end: 'end', note: 60_000 });
  expect(home.asked).toHaveLength(1);
  const large = watched.put.filter(({ bytes }) => bytes > MEGABYTES);
  expect(new Set(large.map(({ hash }) => hash)).size).toBe(2);
  expect(new Set(watched.put.map(({ owner }) => owner))).toEqual(new Set([probe.stream]));
  // The message of 60 KB is a part of it, several times over.
  expect((await describe(probe)).historySize).toBeLessThan(400_000);
});

it('carries large messages, answers and states to and from clients', async () => {
  const probe = await started('two');
  const at = await home.moment();
  const envelopes = ['a', 'b'].map((name) =>
    envelopeOf({ type: 'Note', data: { text: name.repeat(60_000) }, at }, `${probe.stream} ${name}`),
  );
  await home.stopWorkers();
  await home.gateway.send(probe.stream, envelopes);
  expect(watched.put).toHaveLength(1);
  const ids = envelopes.map(({ commandId }) => commandId);
  expect(await findInHistory(home.client, probe.stream, ids)).toMatchObject([
    { status: 'pending' },
    { status: 'pending' },
  ]);
  await home.startWorkers();
  expect(await probe.ended()).toMatchObject({ status: 'failed', failure: { code: 'FLOW.TOO_LARGE' } });
});

it('carries what is large from run to run', async () => {
  const probe = await started('carries');
  for (const name of ['a', 'b']) await probe.send('Note', { text: name.repeat(10_000) });
  await probe.send('Go');
  expect((await probe.ended()).result).toEqual({ length: 200_000, notes: [10_000, 10_000] });
  const [first] = (await home.client.workflow.getHandle(probe.stream).fetchHistory()).events ?? [];
  const { continuedExecutionRunId, input } = first?.workflowExecutionStartedEventAttributes ?? {};
  expect(continuedExecutionRunId).toBeTruthy();
  expect(input?.payloads?.[0]?.data?.length).toBeLessThan(2_000);
});

it('waits for a store that is away, and loses nothing', async () => {
  const refused = async () => {
    watched.away = 1; // Temporal pauses for ten seconds before a third attempt
    const one = await started('heavy', { bytes: 100_000 });
    return { one, ...(await home.failureOfTask(one.stream)) };
  };
  // On a busy machine, the first attempt may time out, and the history shows no others.
  const { one: probe, message } = await poll(refused, (first) => first.message !== undefined);
  expect(message).toContain('the blob store does not answer: ECONNREFUSED');
  await probe.until(isWaiting);
  await probe.send('Note', { text: '' });
  expect((await probe.ended()).result).toEqual({ length: 100_000, end: 'end', note: 0 });
});

it('repeats a call whose answer could not be stored, with the same key', async () => {
  home.answer = () => {
    watched.away = home.asked.length === 1 ? 1 : 0;
    return { text: 'z'.repeat(100_000) };
  };
  const probe = await started('heavy', { bytes: 1 });
  await probe.until(isWaiting);
  await probe.send('Note', { text: '' });
  expect((await probe.ended()).result).toMatchObject({ length: 100_000 });
  expect(home.asked).toHaveLength(2);
  expect(home.asked[0]?.key).toBe(home.asked[1]?.key);
});

const faults: readonly [string, (ref: BlobRef) => Promise<void>, string][] = [
  ['gone', ({ owner }) => new FolderBlobStore(watched.folder).remove(owner), 'is missing'],
  [
    'altered',
    ({ owner, hash, bytes }) => writeFile(join(watched.folder, sha256(owner), hash), '"'.repeat(bytes)),
    'was altered',
  ],
];

it.each(faults)('stops where an answer is %s, and continues once it is back', async (_, harm, message) => {
  home.answer = () => ({ text: 'z'.repeat(100_000) });
  const probe = await started('heavy', { bytes: 1 });
  await probe.until(isWaiting);
  const [ref] = watched.put;
  if (!ref) throw new Error('nothing was stored');
  const content = await new FolderBlobStore(watched.folder).get(ref);
  await harm(ref);
  await home.stopWorkers();
  await home.startWorkers();
  const at = await home.moment();
  await home.gateway.send(probe.stream, [
    envelopeOf({ type: 'Note', data: { text: '' }, at }, `${probe.stream} n`),
  ]);
  expect((await home.failedTask(probe.stream)).message).toContain(
    `the blob ${ref.hash} of ${probe.stream} ${message}`,
  );
  await new FolderBlobStore(watched.folder).remove(ref.owner);
  await new FolderBlobStore(watched.folder).put(ref.owner, content);
  expect((await probe.ended()).result).toMatchObject({ length: 100_000 });
});

it('fails a flow whose call finds its data gone', async () => {
  home.answer = () => {
    throw new Error('not now');
  };
  const probe = await started('heavy', { bytes: 100_000 });
  await eventually(() => home.asked.length > 0);
  for (const { owner } of watched.put) await new FolderBlobStore(watched.folder).remove(owner);
  expect(await probe.ended()).toMatchObject({
    status: 'failed',
    failure: { code: 'FLOW.CALL_UNRESOLVED', detail: expect.stringContaining('is missing') },
  });
});

it('keeps its blobs while Temporal knows its workflow, or it can be restarted', async () => {
  const probe = await started('heavy', { bytes: 100_000 });
  await probe.until(isWaiting);
  let rows: readonly { ended: boolean }[] = [{ ended: true }];
  const pool = { query: async () => ({ rows }) } as unknown as Pool;
  const isInUse = areBlobsInUse({ client: home.client, pool, types: ['probe'] });
  const long = new Date(0);
  const inUse = (owner: string, newestAt = long) => isInUse({ owner, newestAt });
  expect(await inUse(probe.stream)).toBe(true);
  expect(await inUse(`${probe.stream}/each/0`)).toBe(true);
  const gone = probe.stream.replace('probe-', 'probe-gone');
  expect(await inUse(gone)).toBe(false);
  expect(await inUse(`${gone}/each/0`)).toBe(false);
  rows = [{ ended: false }];
  expect(await inUse(gone)).toBe(true);
  rows = []; // the view is being rebuilt
  expect(await inUse(gone)).toBe(false);
  expect(await inUse(gone, new Date())).toBe(true);
  expect(await inUse('uploads/1')).toBe(false);
  expect(await inUse('other-default.1')).toBe(true);
});

it('takes an input of megabytes, which neither its stream nor its history holds', async () => {
  const probe = await started('weigh', { text: 'i'.repeat(MEGABYTES) });
  const { result, input } = await probe.ended();
  expect(result).toEqual({ length: MEGABYTES });
  const [ref] = watched.put;
  expect(input).toEqual({ $blob: ref });
  expect(JSON.stringify(home.store.eventsOf(probe.stream)).length).toBeLessThan(5_000);
  expect((await describe(probe)).historySize).toBeLessThan(30_000);
});

it('hands an input of megabytes to a child', async () => {
  const id = randomUUID();
  const probe = await started('spawnHeavy', { id, bytes: MEGABYTES });
  expect((await probe.ended()).result).toEqual({ child: { length: MEGABYTES } });
  expect((await describe(probe)).historySize).toBeLessThan(50_000);
});

it('refuses an input of more than 4 MB', async () => {
  const probe = new ProbeDriver(home);
  expect(await probe.start('weigh', { text: 'i'.repeat(4_194_304) })).toMatchObject({
    status: 'rejected',
    code: 'FLOW.TOO_LARGE',
  });
});

it('waits for its input while the store is away', async () => {
  const probe = new ProbeDriver(home);
  await home.stopWorkers();
  await sendStart(probe);
  watched.away = 2;
  await home.startWorkers();
  expect((await probe.ended()).result).toEqual({ length: 100_000 });
});

it.each(faults)('fails if its input is %s', async (_, harm, message) => {
  const probe = new ProbeDriver(home);
  await home.stopWorkers();
  await sendStart(probe);
  const [ref] = watched.put;
  if (!ref) throw new Error('nothing was stored');
  await harm(ref);
  await home.startWorkers();
  expect(await probe.ended()).toMatchObject({
    status: 'failed',
    failure: {
      code: 'FLOW.INPUT_LOST',
      detail: expect.stringContaining(`the blob ${ref.hash} of ${probe.stream} ${message}`),
    },
  });
});

/** Without waiting for the outcome, since no worker runs. */
async function sendStart({ stream }: ProbeDriver): Promise<void> {
  const data = { script: 'weigh', with: { text: 'i'.repeat(100_000) } };
  const at = await home.moment();
  await home.gateway.send(stream, [envelopeOf({ type: 'Start', data, at }, `${stream} start`)]);
}
