import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { type RunningProjector, startProjector } from '#libs/read-model/start-projector.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { waitForRevision } from '#libs/read-model/view-revision.js';
import { expectedTotals, ledgerView, type TotalRow } from './ledger-view.js';
import { eventually, logger, newCategory, newEvent, publish, recorded } from './read-path-kit.js';

/** A made-up category with one view: what happens in it, on its topic and in its rows. */
export class Ledger {
  readonly category = newCategory();
  readonly topic = eventsTopic(this.category);
  readonly view: AnyView = ledgerView(this.category);
  readonly key = viewKey(this.view);
  /** What the "store" holds. */
  readonly history: RecordedEvent[] = [];
  readonly running: RunningProjector[] = [];
  private readonly revisions = new Map<string, number>();

  constructor(
    readonly kafka: Kafka,
    readonly pool: Pool,
  ) {}

  /** The port's read, over what was recorded. */
  get store(): EventStore {
    const { history } = this;
    return {
      async *read(stream: string, { from = 0, limit = Infinity } = {}) {
        yield* history.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit);
      },
    } as Pick<EventStore, 'read'> as EventStore;
  }

  project(...views: readonly AnyView[]): RunningProjector {
    const { kafka, pool, store, category } = this;
    const given = views.length > 0 ? views : [this.view];
    const limits = { stalledMilliseconds: 8_000, apartMilliseconds: 1_000 };
    const options = { kafka, pool, store, views: given, groupPrefix: category, ...limits };
    const projector = startProjector({ ...options, logger });
    this.running.push(projector);
    return projector;
  }

  async stop(projector: RunningProjector): Promise<void> {
    await projector.close();
    this.running.splice(this.running.indexOf(projector), 1);
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((projector) => projector.close()));
  }

  streamOf(id: string): string {
    return `${this.category}-default.${id}`;
  }

  /** The next event of an entity: recorded, not yet on the topic. */
  happens(id: string, amount: number, note?: string): RecordedEvent {
    const revision = (this.revisions.get(id) ?? -1) + 1;
    this.revisions.set(id, revision);
    const data = { amount, ...(note !== undefined && { note }) };
    const event = recorded(this.streamOf(id), revision, newEvent('Added', data));
    this.history.push(event);
    return event;
  }

  async publish(events: readonly RecordedEvent[]): Promise<void> {
    await publish(this.kafka, this.topic, events);
  }

  /** A projector has made its tables. */
  async begun(): Promise<void> {
    await eventually('the projector has begun', async () => {
      const { rows } = await this.pool.query(
        `SELECT to_regclass('read_model.totals_${this.category}') AS made`,
      );
      return (rows[0] as { made: unknown }).made !== null;
    });
  }

  async caughtUp(events: readonly RecordedEvent[] = this.history): Promise<void> {
    const last = new Map(events.map(({ stream, revision }) => [stream, revision]));
    await this.begun();
    await eventually('the view shows everything', async () => {
      for (const [stream, revision] of last) {
        const shown = await waitForRevision(this.pool, this.view, stream, revision, 5_000);
        if (shown !== revision) return false;
      }
      return true;
    });
  }

  async totals(): Promise<TotalRow[]> {
    const { rows } = await this.pool.query<TotalRow>(
      `SELECT id, total, revision FROM read_model.totals_${this.category} ORDER BY id COLLATE "C"`,
    );
    return rows;
  }

  expected(events: readonly RecordedEvent[] = this.history): TotalRow[] {
    return expectedTotals(events);
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(
      `SELECT count(*) FROM read_model.${table} WHERE view = $1`,
      [this.key],
    );
    return Number(rows[0]?.count);
  }
}
