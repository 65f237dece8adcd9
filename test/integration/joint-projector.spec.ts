import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { streamName } from '#libs/core/entity-id.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import { JointProjector } from '#libs/read-model/joint-projector.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { ledgerView } from './ledger-view.js';
import { logger, newCategory, newEvent, openPool } from './read-path-kit.js';

let pool: Pool;
let category: string;
let topic: string;
let first: AnyView;
let second: AnyView;
let store: MemoryEventStore;
let kafka: MemoryKafka;
let joint: JointProjector;
/** Where the consumer was told to read. */
let sought: bigint[];

beforeAll(() => {
  pool = openPool();
});

afterAll(() => pool.end());

beforeEach(async () => {
  category = newCategory();
  topic = eventsTopic(category);
  [first, second] = [ledgerView(category, 'first'), ledgerView(category, 'second')];
  await migrateReadModel(pool, [first, second]);
  [store, kafka, sought] = [new MemoryEventStore(), new MemoryKafka(), []];
  joint = started();
});

/** As in a new process. */
function started(from = pool): JointProjector {
  const projector = new JointProjector({ pool: from, store, kafka, logger });
  for (const view of [second, first]) projector.attach(view);
  return projector;
}

/** All of them are of one entity, and so in one partition. */
async function happen(events: number): Promise<void> {
  const stream = streamName(category, 'one');
  const before = store.eventsOf(stream).length;
  const added = Array.from({ length: events }, () => newEvent('Added', { amount: 1 }));
  await store.append(stream, before - 1, added);
  const producer = await kafka.openProducer('test');
  await producer.commit([{ topic, messages: store.eventsOf(stream).slice(before).map(toCloudEvent) }]);
}

function batch(from: number, to: number): KafkaBatch {
  const records = kafka.recordsOf(topic).slice(from, to);
  const { partition = 0 } = records[0] ?? {};
  return { topic, partition, records, fetchedOffset: BigInt(from), nextOffset: BigInt(to) };
}

function apply(from: number, to: number, generation = 1): Promise<void> {
  return joint.apply(batch(from, to), { generation, seek: (offset) => sought.push(offset) });
}

/** Events in the rows of a view, and the offset at which it resumes. */
async function standing({ name }: AnyView): Promise<{ entries: number; offset: number }> {
  const { rows } = await pool.query<{ entries: string; next: string | null }>(
    `SELECT (SELECT count(*) FROM read_model.entries_${category}_${name}) AS entries,
            (SELECT greatest(max(next_offset), 0) FROM read_model.offsets WHERE view = $1) AS next`,
    [viewKey(name === 'first' ? first : second)],
  );
  return { entries: Number(rows[0]?.entries), offset: Number(rows[0]?.next ?? 0) };
}

describe('a batch for several views', () => {
  it('is applied to all of them in one transaction', async () => {
    await happen(3);
    await apply(0, 3);
    const { rows } = await pool.query(
      `SELECT xmin FROM read_model.entries_${category}_first UNION SELECT xmin FROM read_model.entries_${category}_second`,
    );
    expect(rows).toHaveLength(1);
    expect(await standing(first)).toEqual({ entries: 3, offset: 3 });
    expect(await standing(second)).toEqual({ entries: 3, offset: 3 });
  });

  it('counts once when it is delivered again to another process, which was told nothing', async () => {
    await happen(3);
    await apply(0, 3);
    joint = started();
    await apply(0, 2);
    expect(await standing(first)).toEqual({ entries: 3, offset: 3 });
    await apply(2, 3);
    expect(await standing(second)).toEqual({ entries: 3, offset: 3 });
    expect(sought).toEqual([]);
  });

  it('is read again for a view that is behind, and for no other counts twice', async () => {
    await happen(3);
    joint.detach(second);
    await apply(0, 2);
    joint.attach(second);
    await apply(2, 3);
    expect(sought).toEqual([0n]);
    expect(await standing(first)).toEqual({ entries: 3, offset: 3 });
    expect(await standing(second)).toEqual({ entries: 0, offset: 0 });
    expect(await joint.startAt(topic, [batch(0, 3).partition])).toEqual(
      new Map([[batch(0, 3).partition, 0n]]),
    );
    await apply(0, 2);
    expect(await standing(first)).toEqual({ entries: 3, offset: 3 });
    await apply(2, 3);
    expect(await standing(second)).toEqual({ entries: 3, offset: 3 });
  });

  it('is read again for a view that was restored from a backup in the meantime', async () => {
    await happen(3);
    await apply(0, 2);
    await pool.query(`TRUNCATE read_model.totals_${category}_second, read_model.entries_${category}_second`);
    for (const table of ['offsets', 'entities'])
      await pool.query(`DELETE FROM read_model.${table} WHERE view = $1`, [viewKey(second)]);
    await apply(2, 3);
    expect(sought).toEqual([0n]);
    await apply(0, 3);
    expect(await standing(second)).toEqual({ entries: 3, offset: 3 });
  });

  it('is not read again for a view that is far behind: that one is left out', async () => {
    await happen(1_101);
    joint.detach(second);
    await apply(0, 1_100);
    joint.attach(second);
    await apply(1_100, 1_101);
    expect(sought).toEqual([]);
    expect(joint.has(second)).toBe(false);
    expect(await standing(first)).toEqual({ entries: 1_101, offset: 1_101 });
    expect(await standing(second)).toEqual({ entries: 0, offset: 0 });
  });

  it('moves offsets back only on a topic that was created again', async () => {
    await happen(3);
    await apply(0, 3);
    await pool.query(`UPDATE read_model.offsets SET next_offset = 99 WHERE view = $1`, [viewKey(second)]);
    await apply(0, 2, 2);
    expect(await standing(first)).toEqual({ entries: 3, offset: 3 });
    expect(await standing(second)).toEqual({ entries: 3, offset: 2 });
  });
});

describe('a view that fails', () => {
  it('is left out when its table is locked, and the others continue', async () => {
    await happen(3);
    await apply(0, 1);
    const holder = await pool.connect();
    await holder.query(`BEGIN; LOCK TABLE read_model.entries_${category}_first IN EXCLUSIVE MODE`);
    const began = performance.now();
    await apply(1, 2);
    expect(performance.now() - began).toBeLessThan(10_000);
    await apply(2, 3);
    await holder.query('ROLLBACK');
    holder.release();
    expect([joint.has(first), joint.has(second)]).toEqual([false, true]);
    expect(await standing(first)).toEqual({ entries: 1, offset: 1 });
    expect(await standing(second)).toEqual({ entries: 3, offset: 3 });
  });

  it('stays when it is one of its entities that is parked', async () => {
    await happen(1);
    await pool.query(`ALTER TABLE read_model.entries_${category}_first ADD CHECK (amount > 1)`);
    await apply(0, 1);
    expect(joint.has(first)).toBe(true);
    expect(await standing(first)).toEqual({ entries: 0, offset: 1 });
    expect(await standing(second)).toEqual({ entries: 1, offset: 1 });
  });

  it('stays when PostgreSQL is away, and the batch fails', async () => {
    await happen(1);
    const away = new Pool({ host: '127.0.0.1', port: 1 });
    joint = started(away);
    await expect(apply(0, 1)).rejects.toThrow('ECONNREFUSED');
    expect([joint.has(first), joint.has(second)]).toEqual([true, true]);
    await away.end();
  });
});
