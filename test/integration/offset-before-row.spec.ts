import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool, QueryConfig } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { streamName } from '#libs/core/entity-id.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { JointProjector } from '#libs/read-model/joint-projector.js';
import { Projector, type ProjectorOptions } from '#libs/read-model/projector.js';
import type { BatchProjector } from '#libs/read-model/projector-microservice.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import type { RowFact } from '../checkers/facts.js';
import { checkRows } from '../checkers/view.checker.js';
import { expectedTotals, ledgerView, type TotalRow } from './ledger-view.js';
import { logger, newCategory, newEvent, openPool } from './read-path-kit.js';

let pool: Pool;
beforeAll(() => {
  pool = openPool();
});
afterAll(() => pool.end());

/**
 * A projector whose transactions contain only the offset. The rows would follow in another one,
 * before which it dies.
 */
function offsetBeforeRow(real: Pool): Pool {
  const connect = async () => {
    const client = await real.connect();
    return new Proxy(client, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name);
        if (name !== 'query') return typeof found === 'function' ? (found.bind(target) as unknown) : found;
        return (query: string | QueryConfig) => {
          const isRow = typeof query !== 'string' && /^(upsert|write entities)/.test(query.name ?? '');
          const lost = { rows: [], rowCount: isRow ? lengthOf(query.values?.[1]) : 0 };
          return isRow ? Promise.resolve(lost) : target.query(query as QueryConfig);
        };
      },
    });
  };
  return new Proxy(real, {
    get: (target, name) => {
      const found: unknown = name === 'connect' ? connect : Reflect.get(target, name);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
}

function lengthOf(values: unknown): number {
  return Array.isArray(values) ? values.length : 0;
}

type Open = (options: ProjectorOptions) => BatchProjector;

function openJoint(options: ProjectorOptions): BatchProjector {
  const joint = new JointProjector(options);
  joint.attach(options.view);
  return joint;
}

/**
 * A projector over `plant` projects three events. An intact one then resumes from the view's offset
 * until it is quiet.
 */
async function project(open: Open, plant: (pool: Pool) => Pool): Promise<string[]> {
  const category = newCategory();
  const topic = eventsTopic(category);
  const view = ledgerView(category);
  await migrateReadModel(pool, [view]);
  const [store, kafka] = [new MemoryEventStore(), new MemoryKafka()];
  const stream = streamName(category, 'one');
  await store.append(
    stream,
    -1,
    [1, 2, 3].map((amount) => newEvent('Added', { amount })),
  );
  const producer = await kafka.openProducer('test');
  await producer.commit([{ topic, messages: store.eventsOf(stream).map(toCloudEvent) }]);
  for (const each of [plant(pool), pool]) {
    const projector = open({ view, pool: each, store, kafka, logger });
    for (const batch of await batches(kafka, topic, projector)) {
      await projector.apply(batch, { generation: 1, seek: () => undefined });
    }
  }
  const { rows } = await pool.query<TotalRow>(
    `SELECT id, total, revision FROM read_model.totals_${category}`,
  );
  return checkRows(rows.map(factOf), expectedTotals(store.eventsOf(stream)).map(factOf));
}

/** The batches that a consumer would pass to the projector. */
async function batches(kafka: MemoryKafka, topic: string, projector: BatchProjector): Promise<KafkaBatch[]> {
  const partitions = [...new Set(kafka.recordsOf(topic).map(({ partition }) => partition))];
  const starts = await projector.startAt(topic, partitions);
  return partitions.flatMap((partition) => {
    const fetchedOffset = starts.get(partition) ?? 0n;
    const records = kafka
      .recordsOf(topic)
      .filter((record) => record.partition === partition && record.offset >= fetchedOffset);
    const nextOffset = fetchedOffset + BigInt(records.length);
    return records.length === 0 ? [] : [{ topic, partition, records, fetchedOffset, nextOffset }];
  });
}

function factOf({ id, ...row }: TotalRow): RowFact {
  return { table: 'totals', key: id, row };
}

describe.each<[string, Open]>([
  ['a projector', (options) => new Projector(options)],
  ['a projector of several views', openJoint],
])('%s that dies at a commit', (_, open) => {
  it('has rows and offset, or neither', async () => expect(await project(open, (same) => same)).toEqual([]));

  it('is caught when it commits the offset before the rows: by the checker of rows', async () =>
    expect(await project(open, offsetBeforeRow)).not.toEqual([]));
});
