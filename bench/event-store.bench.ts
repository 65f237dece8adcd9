// Compares an append to the event store with a single-row commit of PostgreSQL, and with what a
// plain store in Node could do, alternating on the same server.
//
// npm run bench:store -- [rounds] [seconds per measurement]
//
// EVENTSTORE_URL and DATABASE_URL name servers to measure. Without them the embedded ones run, in a
// temporary folder.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AppendResult,
  END,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type Position,
} from '@eventstore/db-client';
import { startStack } from '#tools/dev-stack/start-stack.js';
import { startBareStore } from './bare-store.js';
import { findPgbench } from './pgbench.js';
import { commit, compared, interleave, machine, quantile, summary } from './rounds.js';
import {
  SAMPLE_TYPE,
  sampleData,
  sampleDataBytes,
  sampleMetadata,
  sampleMetadataBytes,
} from './sample-event.js';
import { SingleRowCommits } from './single-row-commits.js';

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number);
const WRITERS = [1, 8, 64];
const BATCH = 100;
const TO_READ = 20_000;
const LATENCIES = 300;
const WARM_UP_SECONDS = 20;

const newEvent = () => jsonEvent({ type: SAMPLE_TYPE, data: sampleData, metadata: sampleMetadata });
const newEvents = (count: number) => Array.from({ length: count }, newEvent);

const home = mkdtempSync(join(tmpdir(), 'perdure-bench-'));
const stack = await startStack({ root: process.cwd(), home, ports: 'free', parts: ['event-store'] });
process.once('exit', () => stack.killNow());
const client = EventStoreDBClient.connectionString(stack.addresses.EVENTSTORE_URL);
const bareStore = await startBareStore(stack.addresses.DATABASE_URL, TO_READ);
const bareClient = EventStoreDBClient.connectionString(bareStore.url);
const postgres = await SingleRowCommits.open(stack.addresses.DATABASE_URL, 1);

const pgbench = findPgbench(stack.addresses.DATABASE_URL, home, sampleDataBytes, seconds);

const nextEnd = (): number => performance.now() + seconds * 1_000;

/** Each writer appends to its own stream, with the exact revision. Returns events per second. */
async function appendRate(writers: number, batch = 1, store = client): Promise<number> {
  const began = performance.now();
  const end = nextEnd();
  const counts = Array.from({ length: writers }, async () => {
    const stream = `bench-${randomUUID()}`;
    let count = 0;
    let revision: bigint | typeof NO_STREAM = NO_STREAM;
    while (performance.now() < end) {
      const answer: AppendResult = await store.appendToStream(stream, newEvents(batch), {
        expectedRevision: revision,
      });
      revision = answer.nextExpectedRevision;
      count += batch;
    }
    return count;
  });
  return perSecond(sum(await Promise.all(counts)), began);
}

async function commitRate(writers: number): Promise<number> {
  const connections = await SingleRowCommits.open(stack.addresses.DATABASE_URL, writers);
  const began = performance.now();
  const rate = perSecond(await connections.write(nextEnd(), sampleDataBytes, sampleMetadataBytes), began);
  await connections.close();
  return rate;
}

async function fillStream(): Promise<{ stream: string; before: Position }> {
  const stream = `bench-${randomUUID()}`;
  const first = await client.appendToStream(stream, newEvent());
  for (let count = 1; count < TO_READ; count += 500) await client.appendToStream(stream, newEvents(500));
  return { stream, before: first.position as Position };
}

async function readRate(events: AsyncIterable<unknown>): Promise<number> {
  const began = performance.now();
  let count = 0;
  for await (const event of events) if (event) count += 1;
  return perSecond(count, began);
}

async function selectRate(): Promise<number> {
  const began = performance.now();
  return perSecond(await postgres.read(TO_READ), began);
}

/** Milliseconds from the call of an append until its event reaches a live subscriber of `$all`. */
async function deliveryTimes(): Promise<number[]> {
  const times: number[] = [];
  const stream = `bench-${randomUUID()}`;
  let arrived: (id: string) => void = () => undefined;
  const subscription = client.subscribeToAll({ fromPosition: END });
  subscription.on('data', ({ event }) => event && arrived(event.id));
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  for (let count = 0; count < LATENCIES; count++) {
    const event = newEvent();
    const began = performance.now();
    const delivered = new Promise<void>((resolve) => (arrived = (id) => id === event.id && resolve()));
    await Promise.all([client.appendToStream(stream, event), delivered]);
    times.push(performance.now() - began);
  }
  await subscription.unsubscribe();
  return times;
}

/** Milliseconds of each commit. */
async function commitTimes(): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < LATENCIES; count++) {
    const began = performance.now();
    await postgres.writeOne(sampleDataBytes, sampleMetadataBytes);
    times.push(performance.now() - began);
  }
  return times;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const perSecond = (count: number, began: number): number => (count * 1_000) / (performance.now() - began);

async function compare(name: string, ours: () => Promise<number>, theirs: () => Promise<number>) {
  const pair = await compared(rounds, ours, theirs);
  console.log(`${name}: ${summary(pair.ours)}/s ÷ ${summary(pair.theirs)}/s = ${summary(pair.ratios, 2)}`);
}

async function compareTimes(name: string, ours: () => Promise<number[]>, theirs: () => Promise<number[]>) {
  const [our, their] = await interleave(rounds, ours, theirs);
  for (const share of [0.5, 0.99]) {
    const [a, b] = [our, their].map((runs) => runs.map((times) => quantile(times, share))) as [
      number[],
      number[],
    ];
    const ratios = a.map((time, round) => time / (b[round] ?? Number.NaN));
    console.log(
      `${name}, p${share * 100}: ${summary(a, 2)} ms ÷ ${summary(b, 2)} ms = ${summary(ratios, 2)}`,
    );
  }
}

console.log(`${machine()}, Node ${process.version}, ${commit()}, ${new Date().toISOString()}`);
console.log(`PostgreSQL: ${await postgres.settings()}`);
console.log(`${rounds} rounds of ${seconds} s; median (range); data ${sampleDataBytes.length} bytes`);

/** Code runs slower by half until it is compiled. */
async function warmUp(): Promise<void> {
  const end = performance.now() + WARM_UP_SECONDS * 1_000;
  while (performance.now() < end) for (const store of [client, bareClient]) await appendRate(8, 1, store);
}

async function measure(): Promise<void> {
  await warmUp();
  for (const writers of WRITERS) {
    const by = `${writers} ${writers === 1 ? 'writer' : 'writers'}`;
    const ours = (): Promise<number> => appendRate(writers);
    await compare(`appends ÷ single-row commits, ${by}`, ours, () => commitRate(writers));
    if (pgbench) await compare(`appends ÷ pgbench, ${by}`, ours, () => pgbench(writers));
    const inBatches = (): Promise<number> => appendRate(writers, BATCH);
    await compare(`events by ${BATCH} ÷ single-row commits, ${by}`, inBatches, () => commitRate(writers));
    const bare = (batch: number) => (): Promise<number> => appendRate(writers, batch, bareClient);
    await compare(`appends ÷ a bare store, ${by}`, ours, bare(1));
    await compare(`events by ${BATCH} ÷ a bare store, ${by}`, inBatches, bare(BATCH));
  }
  const { stream, before } = await fillStream();
  const readStream = (): Promise<number> => readRate(client.readStream(stream));
  const readAll = (): Promise<number> =>
    readRate(client.readAll({ fromPosition: before, maxCount: TO_READ }));
  const readBare = (): Promise<number> => readRate(bareClient.readStream(stream));
  for (const [from, ours] of [
    ['a stream', readStream],
    ['$all', readAll],
  ] as const) {
    await compare(`events read from ${from} ÷ rows selected`, ours, selectRate);
    await compare(`events read from ${from} ÷ a bare store`, ours, readBare);
  }
  await compareTimes('from append to subscriber ÷ single-row commit', deliveryTimes, commitTimes);
}

try {
  await measure();
} finally {
  await Promise.all([client.dispose(), bareClient.dispose()]);
  bareStore.stop();
  await postgres.close();
  await stack.stop();
  rmSync(home, { recursive: true, force: true });
}
