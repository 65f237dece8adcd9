import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool, PoolClient } from 'pg';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { ended, received, reserved } from '../../apps/inventory/src/domain/inventory.fixture.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { canonicalJson } from '#libs/core/canonical-json.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { loadEntityFolds } from '#libs/read-model/entity-folds.js';
import { writeEntities } from '#libs/read-model/entity-writer.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { ConcurrentProjectionError } from '#libs/read-model/read-model.errors.js';
import { rollBackRebuild, switchRebuild } from '#libs/read-model/rebuild/rebuild-switch.js';
import { startRebuild } from '#libs/read-model/rebuild/start-rebuild.js';
import { copyOf } from '#libs/read-model/rebuild/view-copy.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { ViewFolder } from '#libs/read-model/view-folder.js';
import { healView } from '#libs/operations/proof/heal-view.js';
import { Pace, TAKING_TURNS } from '#libs/operations/proof/pace.js';
import { startFold } from '#libs/operations/proof/retold-stream.js';
import { readShown } from '#libs/operations/proof/shown-entity.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { ledgerView } from './ledger-view.js';
import { logger, newCategory, newEvent, openPool } from './read-path-kit.js';

let pool: Pool;
beforeAll(() => {
  pool = openPool();
});
afterAll(() => pool.end());

/** One entity of a made-up category, and a view that has folded some of its events. */
class Shown {
  readonly store = new MemoryEventStore();
  readonly stream: string;

  private constructor(readonly view: AnyView) {
    this.stream = `${view.category}-default.one`;
  }

  static async in(view: AnyView): Promise<Shown> {
    await migrateReadModel(pool, [view]);
    return new Shown(view);
  }

  /** A batch of events of the entity. */
  async happens(...events: readonly DomainEvent[]): Promise<void> {
    const last = this.store.eventsOf(this.stream).length - 1;
    await this.store.append(
      this.stream,
      last,
      events.map(({ type, data }) => newEvent(type, data)),
    );
  }

  /** Folds the events from a revision on, in one batch. */
  async fold(view = this.view, from = 0): Promise<void> {
    const folder = new ViewFolder({ view, store: this.store, logger });
    const events = this.store.eventsOf(this.stream).slice(from).map(toPublishedEvent);
    await inTransaction(pool, (client) => folder.foldTogether(client, events));
  }

  async foldEach(...events: readonly DomainEvent[]): Promise<void> {
    for (const event of events) {
      await this.happens(event);
      await this.fold(this.view, this.store.eventsOf(this.stream).length - 1);
    }
  }

  /** What the view should show, without the code under test. */
  async expected(): Promise<string> {
    const fold = startFold(this.view, this.stream, new Map());
    for (const event of this.store.eventsOf(this.stream)) await fold.add(toPublishedEvent(event));
    return canonicalJson(fold.entities.get(this.stream)?.state ?? null);
  }

  async state(): Promise<string> {
    const [shown] = await readShown(pool, [this.view], this.stream, new Pace(TAKING_TURNS));
    return canonicalJson(shown?.state ?? null);
  }

  async changes(view = this.view): Promise<{ readonly count: number; readonly size: number }> {
    const { rows } = await pool.query<{ count: number; size: number }>(
      `SELECT count(*)::integer AS count, coalesce(sum(length(change::text)), 0)::integer AS size
       FROM read_model.entity_changes WHERE view = $1 AND stream = $2`,
      [viewKey(view), this.stream],
    );
    return rows[0] as { count: number; size: number };
  }
}

const added = (amount: number, note?: string): DomainEvent => ({
  type: 'Added',
  data: { amount, ...(note !== undefined && { note }) },
});
const longNote = 'a long note '.repeat(500);

/** A ledger with a large state and three changes to it. */
async function changedLedger(): Promise<Shown> {
  const ledger = await Shown.in(ledgerView(newCategory()));
  await ledger.foldEach(added(1, longNote), added(2, longNote), added(3, longNote), added(4, longNote));
  expect((await ledger.changes()).count).toBe(3);
  return ledger;
}

describe('an item with a state of hundreds of kilobytes', () => {
  const id = () => `reservation-${randomUUID()}-${randomUUID()}`;
  const decider: AnyDecider = { ...inventoryDecider, name: newCategory() };

  async function walOf(work: () => Promise<void>): Promise<number> {
    const { rows } = await pool.query<{ at: string }>('SELECT pg_current_wal_insert_lsn() AS at');
    await work();
    const written = await pool.query<{ bytes: string }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1) AS bytes',
      [rows[0]?.at],
    );
    return Number(written.rows[0]?.bytes);
  }

  it('costs what changed, not what it is', async () => {
    const item = await Shown.in(entityIndexView(decider));
    const open = Array.from({ length: 2_000 }, id);
    await item.happens(received(1_000_000));
    for (let from = 0; from < open.length; from += 500)
      await item.happens(...open.slice(from, from + 500).map((one) => reserved(one, 1)));
    for (let batch = 0; batch < 10; batch += 1) {
      const over = Array.from({ length: 200 }, id);
      await item.happens(...over.flatMap((one) => [reserved(one, 1), ended('ReservationReleased', one, 1)]));
    }
    await item.fold();
    const size = (await item.state()).length;
    expect(size).toBeGreaterThan(400_000);

    const costs: number[] = [];
    for (const one of open.slice(990, 1_005)) {
      for (const event of [reserved(id(), 1), ended('ReservationReleased', one, 1)]) {
        costs.push(await walOf(() => item.foldEach(event)));
      }
    }
    // The median, since other tests may write at the same time.
    const median = costs.sort((a, b) => a - b)[costs.length / 2] ?? Infinity;
    expect(median).toBeLessThan(size / 50);
    expect(await item.state()).toBe(await item.expected());
  });
});

describe('a state with changes', () => {
  it('is written whole before they are as large as it is', async () => {
    const ledger = await Shown.in(ledgerView(newCategory()));
    let most = 0;
    let times = 0;
    for (let amount = 1; amount <= 250; amount += 1) {
      await ledger.foldEach(added(amount, longNote));
      const { count, size } = await ledger.changes();
      most = Math.max(most, size);
      if (count === 0) times += 1;
    }
    expect(most).toBeGreaterThan(longNote.length / 2);
    expect(most).toBeLessThan(longNote.length + 100);
    expect(times).toBe(2);
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('is read as of its last event, and so is one that shrank', async () => {
    const ledger = await changedLedger();
    expect(await ledger.state()).toBe(await ledger.expected());
    await ledger.foldEach(added(5));
    expect((await ledger.changes()).count).toBe(4);
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('moves on without a change when an event changes nothing', async () => {
    const ledger = await changedLedger();
    await ledger.foldEach(added(0, longNote));
    expect((await ledger.changes()).count).toBe(3);
    await ledger.foldEach(added(6, longNote));
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('counts a repeated batch once', async () => {
    const ledger = await changedLedger();
    await ledger.fold();
    expect((await ledger.changes()).count).toBe(3);
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('takes no change of a state that it has no more', async () => {
    const ledger = await changedLedger();
    const late = async (client: PoolClient) => {
      const entities = await loadEntityFolds(client, ledger.view, [ledger.stream]);
      const [entity] = entities.values();
      await ledger.foldEach(added(7, longNote));
      const state = { total: 1_000, note: longNote };
      await writeEntities(client, viewKey(ledger.view), [
        { ...entity, state, revision: 9, isChanged: true } as never,
      ]);
    };
    await expect(inTransaction(pool, late)).rejects.toThrow(ConcurrentProjectionError);
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('is healed, changes and all', async () => {
    const ledger = await changedLedger();
    await pool.query(`UPDATE read_model.entities SET base = '[7]' WHERE view = $1`, [viewKey(ledger.view)]);
    expect(await ledger.state()).not.toBe(await ledger.expected());
    expect(await healView({ pool, store: ledger.store }, ledger.view, ledger.stream)).toBe(true);
    expect(await ledger.state()).toBe(await ledger.expected());
    expect((await ledger.changes()).count).toBe(0);
    await ledger.foldEach(added(8, longNote), added(9, longNote));
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('is rebuilt without them when somebody has removed the entity by hand', async () => {
    const ledger = await changedLedger();
    await pool.query('DELETE FROM read_model.entities WHERE view = $1', [viewKey(ledger.view)]);
    await ledger.fold();
    expect((await ledger.changes()).count).toBe(0);
    expect(await ledger.state()).toBe(await ledger.expected());
  });

  it('goes with its view through a rebuild, a switch and a rollback', async () => {
    const ledger = await changedLedger();
    const { view } = ledger;
    const [next, previous] = [copyOf(view, 'next'), copyOf(view, 'previous')];
    const request = { view, operator: 'tester', partitions: [0] };
    await startRebuild(pool, request);
    await ledger.fold(next);
    await ledger.happens(added(10, longNote));
    await ledger.fold(next);
    await ledger.fold();
    await switchRebuild(pool, request);
    const counts = async () => [(await ledger.changes()).count, (await ledger.changes(previous)).count];
    expect(await counts()).toEqual([1, 4]);
    expect(await ledger.state()).toBe(await ledger.expected());
    await ledger.foldEach(added(11, longNote));
    expect(await ledger.state()).toBe(await ledger.expected());
    await rollBackRebuild(pool, request);
    expect(await counts()).toEqual([4, 0]);
    await ledger.fold();
    expect(await ledger.state()).toBe(await ledger.expected());
  });
});
