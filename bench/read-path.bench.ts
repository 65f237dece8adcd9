// Compares the read path with the bare minimum, alternating on the same servers.
//
// npm run bench:read-path -- [events] [rounds]
//
// KAFKA_BROKERS, EVENTSTORE_URL and DATABASE_URL name servers to measure. Without them our own run,
// in a temporary folder.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Kafka as KafkaJs, logLevel, type Message } from 'kafkajs';
import { Pool } from 'pg';
import { accountDecider } from '../apps/account/src/domain/account.decider.js';
import { presentAccount } from '../apps/account/src/domain/account.view.js';
import { accountsView } from '../apps/account/src/read-model/accounts/accounts.projection.js';
import { statementView } from '../apps/account/src/read-model/statement/statement.projection.js';
import { eventsTopic } from '#contracts/entity-contract.js';
import { startStack } from '#tools/dev-stack/start-stack.js';
import type { EventStore, EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { toCloudEvent, toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import { runRelay } from '#libs/relay/relay.js';
import { createLogger } from '#libs/runtime/logger.js';
import { upsertRows } from '#libs/read-model/batch-writer.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { Projector } from '#libs/read-model/projector.js';
import { createProjectorMicroservice } from '#libs/read-model/projector-microservice.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import {
  type AnyView,
  type Projected,
  type StoredRow,
  toStoredRow,
  type ViewTable,
  type ViewTables,
} from '#libs/core/view-definition.js';
import { compared, machine, summary } from './rounds.js';

const [events = 20_000, rounds = 3] = process.argv.slice(2).map(Number);
const STREAMS = 200;
const RAW_KAFKA_BATCH = 1_000;
const RAW_ROWS = 500;

process.env['LOG_LEVEL'] ??= 'warn';
const logger = createLogger('bench', 'stderr');
Logger.overrideLogger(['warn', 'error']);
const home = mkdtempSync(join(tmpdir(), 'perdure-bench-'));
const stack = await startStack({ root: process.cwd(), home, ports: 'free', parts: ['event-store', 'kafka'] });
process.once('exit', () => stack.killNow());
const brokers = stack.addresses.KAFKA_BROKERS.split(',');
const kafka: Kafka = connectKafka({ brokers, clientId: 'bench', logger });
// The store is filled all at once.
const store: EventStore = connectEventStore(stack.addresses.EVENTSTORE_URL, { append: 60_000 });
const pool = new Pool({ connectionString: stack.addresses.DATABASE_URL });
pool.on('error', () => undefined);

const newCategory = (): string => `b${randomUUID().replaceAll('-', '').slice(0, 12)}`;

function someEvent(type: string, data: EventToAppend['data']): EventToAppend {
  const id = randomUUID();
  const at = new Date().toISOString();
  const ids = { commandId: id, $correlationId: id, $causationId: id };
  return { id, type, data, metadata: { ...ids, actor: 'bench', at, index: 0, count: 1, schemaVersion: 1 } };
}

/** Per stream: opened, then deposits. */
function history(category: string): RecordedEvent[] {
  let position = 0;
  const revisions = new Map<string, number>();
  return Array.from({ length: events }, (_, index) => {
    const stream = `${category}-${category}.a${index % STREAMS}`;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const event =
      revision === 0
        ? someEvent('AccountOpened', { owner: 'bench', currency: 'EUR' })
        : someEvent('MoneyDeposited', { amount: index, currency: 'EUR', reference: `order ${index}` });
    return { ...event, stream, revision, position: String((position += 100)), recordedAt: event.metadata.at };
  });
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  const at = performance.now();
  await work();
  return events / ((performance.now() - at) / 1_000);
}

async function fillStore(all: readonly RecordedEvent[]): Promise<void> {
  const streams = new Map<string, RecordedEvent[]>();
  for (const event of all) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  await Promise.all([...streams].map(([stream, of]) => store.append(stream, -1, of)));
}

async function relayRate(): Promise<number> {
  const category = newCategory();
  await kafka.ensureTopics([eventTopicSpec(category)]);
  await fillStore(history(category));
  const stop = new AbortController();
  let firstAt = 0;
  const done = runRelay({
    service: category,
    entities: { [category]: { decider: accountDecider, present: presentAccount } },
    kafka,
    store,
    logger,
    signal: stop.signal,
    onProgress: (_, { relayed }) => {
      // The first report says that the end of the topic was found.
      if (firstAt === 0) firstAt = performance.now();
      if (relayed === events) stop.abort();
    },
  });
  await done;
  return events / ((performance.now() - firstAt) / 1_000);
}

async function rawKafkaRate(): Promise<number> {
  const category = newCategory();
  const topic = eventsTopic(category);
  await kafka.ensureTopics([eventTopicSpec(category)]);
  const messages = history(category).map((event) => toCloudEvent(event) as Message);
  const producer = new KafkaJs({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: messages.slice(0, 1) });
  const reached = await rate(async () => {
    for (let from = 0; from < events; from += RAW_KAFKA_BATCH) {
      await producer.send({ topic, acks: -1, messages: messages.slice(from, from + RAW_KAFKA_BATCH) });
    }
  });
  await producer.disconnect();
  return reached;
}

async function projectionRate(registered: AnyView): Promise<number> {
  const category = newCategory();
  const topic = eventsTopic(category);
  const view = { ...registered, category };
  await kafka.ensureTopics([eventTopicSpec(category)]);
  const producer = await kafka.openProducer(`bench.${category}`);
  const all = history(category);
  for (let from = 0; from < all.length; from += 1_000) {
    await producer.commit([{ topic, messages: all.slice(from, from + 1_000).map(toCloudEvent) }]);
  }
  await producer.close();
  const projector = new Projector({ view, kafka, pool, store, logger });
  const { app } = await createProjectorMicroservice({ kafka, groupId: category, topics: [topic], projector });
  let firstAt = 0;
  let applied = 0;
  const apply = projector.apply.bind(projector);
  const finished = new Promise<number>((resolve) => {
    projector.apply = async (batch, control) => {
      if (firstAt === 0) firstAt = performance.now();
      await apply(batch, control);
      applied += batch.records.length;
      if (applied >= events) resolve(performance.now());
    };
  });
  await app.listen();
  const reached = events / (((await finished) - firstAt) / 1_000);
  await app.close();
  return reached;
}

/** Writes only the rows that the view produces: same statement, same table. */
async function rawRowsRate(view: AnyView): Promise<number> {
  const made: [ViewTable, StoredRow][] = [];
  const states = new Map<string, unknown>();
  for (const event of history(newCategory())) {
    const state: unknown = states.has(event.stream) ? states.get(event.stream) : view.initialState;
    const projected = view.project(state, toPublishedEvent(event)) as Projected<unknown, ViewTables>;
    states.set(event.stream, projected.state);
    for (const [table, rows] of Object.entries(projected.rows)) {
      const written = (view.tables as ViewTables)[table] as ViewTable;
      for (const row of rows ?? []) made.push([written, toStoredRow(written, row)]);
    }
  }
  return rate(async () => {
    for (let from = 0; from < made.length; from += RAW_ROWS) {
      const chunk = made.slice(from, from + RAW_ROWS);
      const [table] = chunk[0] as [ViewTable, StoredRow];
      const last = new Map(chunk.map(([, row]) => [JSON.stringify(table.key.map((name) => row[name])), row]));
      await inTransaction(pool, (client) => upsertRows(client, table, [...last.values()]));
    }
  });
}

async function compare(
  name: string,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<void> {
  const { ours: our, theirs, ratios } = await compared(rounds, ours, bare);
  console.log(`${name}: ${summary(our)}/s ÷ ${summary(theirs)}/s = ${summary(ratios, 2)}`);
}

console.log(`${events} events of ${STREAMS} streams, ${rounds} rounds, ${machine()}`);
const views: readonly AnyView[] = [accountsView, statementView];
await migrateReadModel(pool, views);
await compare('relay ÷ raw kafkajs batches (acks=all)', relayRate, rawKafkaRate);
for (const view of views) {
  await compare(
    `projection of ${view.name} ÷ raw upserts of its rows`,
    () => projectionRate(view),
    () => rawRowsRate(view),
  );
}
await Promise.all([kafka.close(), store.close(), pool.end()]);
await stack.stop();
rmSync(home, { recursive: true, force: true });
