import { setTimeout as sleep } from 'node:timers/promises';
import type { AtStep } from '#libs/core/step.js';
import { passingOf } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka, OutgoingMessage, TopicMessages, TransactionalProducer } from '#libs/kafka/kafka.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import { OneAtATime } from '#libs/runtime/one-at-a-time.js';
import { unlessStopped } from '#libs/runtime/unless-stopped.js';
import type { RelayCheckpoint } from './relay-checkpoint.js';
import { RelayLanes } from './relay-lanes.js';
import type { RelayedEvent, RelaySource } from './relay-source.js';
import { byCategory, type RelayedCategory } from './relayed-category.js';
import { StateRefill } from './state-refill.js';
import { readTopicEnds, type TopicEnds } from './topic-ends.js';
import { tracedRelay } from './traced-relay.js';

/**
 * Per transaction. All of it may go to one partition, whose batch has to stay below the topic's
 * limit.
 */
const MAX_EVENTS = 2_000;
const MAX_BYTES = 1024 * 1024;
/**
 * Minimum time between transactions. Under load each includes what arrived in the meantime; a
 * single event never waits.
 */
const COMMIT_INTERVAL_MILLISECONDS = 25;
/** Time for the current commit to end when the relay is told to stop. */
export const LAST_COMMIT_MILLISECONDS = 1_000;

export interface RelaySessionOptions {
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly producer: TransactionalProducer;
  readonly categories: ReadonlyMap<string, RelayedCategory>;
  readonly checkpoint: RelayCheckpoint;
  readonly signal: AbortSignal;
  readonly atStep?: AtStep | undefined;
  /** These categories have new progress. */
  readonly onProgress: (categories: readonly RelayedCategory[]) => void;
  /** Called after every transaction with events. */
  readonly onSuccess: () => void;
}

/** A failure that only these categories had a part in. */
export class CategoriesFailedError extends Error {
  override readonly name = 'CategoriesFailedError';

  constructor(
    readonly categories: readonly RelayedCategory[],
    override readonly cause: unknown,
  ) {
    super('categories failed', { cause });
  }
}

/**
 * The work of a relay with one producer, from taking over until a failure. What the topics hold was
 * proven with this producer, so nothing else can be added to them in the meantime.
 */
export class RelaySession {
  private readonly stopping = new AbortController();
  private readonly signal: AbortSignal;
  /** Serialises the commits of the relay and the refills. */
  private readonly turns = new OneAtATime();
  private readonly lanes: RelayLanes;
  private readonly background: Promise<unknown>[] = [];
  private failed: { readonly error: unknown } | undefined;
  private wake = (): void => undefined;
  private readonly aborted: Promise<void>;

  constructor(private readonly options: RelaySessionOptions) {
    const { store, categories, checkpoint, signal } = options;
    this.signal = AbortSignal.any([signal, this.stopping.signal]);
    this.lanes = new RelayLanes({
      store,
      categories,
      onChange: () => this.wake(),
      onQuiet: (source) => checkpoint.note(source.quiet()),
    });
    this.aborted = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  /** Relays until the signal aborts. Throws the first failure of the store or the broker. */
  async run(): Promise<void> {
    const all = [...this.options.categories.values()];
    const kept = all.filter(({ suspension }) => !suspension);
    await this.admit(kept);
    for (const category of all) if (!category.carried) this.admitLater(category);
    this.options.onProgress(all);
    while (!this.signal.aborted) {
      if (this.failed) throw this.failed.error;
      const begun = performance.now();
      let isIdle = true;
      for (const source of this.lanes.sources()) isIdle = !(await this.relayNext(source)) && isIdle;
      this.lanes.join();
      if (isIdle) await this.change();
      else await sleep(Math.max(0, begun + COMMIT_INTERVAL_MILLISECONDS - performance.now()));
    }
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.lanes.close();
    await Promise.all(this.background);
    for (const category of this.options.categories.values()) category.carried = undefined;
  }

  /** Resolves when a lane has changed since it was looked at, or something failed. */
  private async change(): Promise<void> {
    if (this.failed || this.signal.aborted || this.lanes.isPending()) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** Begins to relay these categories. Those whose topics are in trouble are suspended. */
  private async admit(categories: readonly RelayedCategory[]): Promise<void> {
    const { kafka, checkpoint, signal } = this.options;
    const ready = new Map<RelayedCategory, TopicEnds>();
    const read = async (category: RelayedCategory): Promise<void> => {
      const { name, entity } = category;
      ready.set(category, await readTopicEnds(kafka, name, entity.decider.stateVersion));
    };
    const isTogether = await kafka.ensureTopics(categories.flatMap(({ topics }) => topics)).then(
      () => true,
      (error: unknown) => {
        if (categories.length === 1) throw error;
        return false;
      },
    );
    const results = await Promise.allSettled(
      categories.map(async (category) => {
        if (!isTogether) await kafka.ensureTopics(category.topics);
        await read(category);
      }),
    );
    const errors = results.map((result): unknown =>
      result.status === 'rejected' ? result.reason : undefined,
    );
    if (ready.size === 0 && categories.length > 0) throw errors[0];
    for (const [index, category] of categories.entries()) {
      if (!ready.has(category)) category.suspend(errors[index], signal);
    }
    const ends = new Map([...ready].map(([{ name }, { events }]) => [name, events]));
    const from = await checkpoint.find(ends);
    if (this.signal.aborted) return;
    for (const [category, end] of ready) this.carry(category, end);
    this.lanes.open(ends, from);
    for (const { name, gauge } of ready.keys()) gauge.begin(ends.get(name), () => this.lanes.of(name));
  }

  private admitLater(category: RelayedCategory): void {
    const again = async (): Promise<void> => {
      while (!category.carried && !this.signal.aborted) {
        await Promise.race([category.suspension, this.aborted]);
        if (this.signal.aborted) return;
        await this.admit([category]).catch((error: unknown) => category.suspend(error, this.options.signal));
      }
    };
    this.background.push(again().then(() => this.wake()));
  }

  private carry(category: RelayedCategory, ends: TopicEnds): void {
    const { store } = this.options;
    const { name, folds } = category;
    const write = (states: readonly OutgoingMessage[]): Promise<void> =>
      this.commit(category.writes([], states));
    const refill = new StateRefill({
      category: name,
      store,
      folds,
      ends,
      write,
      turns: this.turns,
      signal: this.signal,
    });
    category.carried = { ends, refill };
    this.background.push(refill.run().catch((error: unknown) => this.fail([category], error)));
  }

  private fail(categories: readonly RelayedCategory[], error: unknown): void {
    if (this.signal.aborted) return;
    this.failed ??= { error: blamed(categories, error) };
    this.wake();
  }

  /** Commits what has arrived in one transaction. Resolves to whether there was anything. */
  private async relayNext(source: RelaySource): Promise<boolean> {
    if (source.failure) throw source.failure.error;
    if (this.signal.aborted || !source.hasEvents) return false;
    const events = await source.take(MAX_EVENTS, MAX_BYTES);
    const categories = await this.publish(events);
    await this.options.atStep?.('relayed', passingOf(events));
    source.done();
    this.options.checkpoint.note(source.quiet());
    this.options.onProgress(categories);
    this.options.onSuccess();
    return true;
  }

  /** Commits events in one transaction. Resolves to their categories. */
  private async publish(taken: readonly RelayedEvent[]): Promise<readonly RelayedCategory[]> {
    let categories: readonly RelayedCategory[] = [];
    await tracedRelay(taken, async (events) => {
      const batch = byCategory(this.options.categories, events);
      categories = [...batch.keys()];
      await this.turns.run(() => this.commitBatch(batch));
    });
    return categories;
  }

  private async commitBatch(batch: ReadonlyMap<RelayedCategory, readonly RelayedEvent[]>): Promise<void> {
    const writes = [...batch].map(async ([category, events]) => {
      const states = await category.statesAfter(events);
      return category.writes(
        events.map(({ message }) => message),
        states,
      );
    });
    const all = (await Promise.all(writes)).flat();
    await this.commit(all).catch((error: unknown) => {
      throw blamed([...batch.keys()], error);
    });
    for (const [category, events] of batch) category.relayed(events);
  }

  /**
   * A broker that is unavailable does not delay a shutdown. The outcome of the commit is then
   * unknown, as after a crash, and the next relay determines it.
   */
  private async commit(writes: readonly TopicMessages[]): Promise<void> {
    const { producer, signal } = this.options;
    const written = writes.filter(({ messages }) => messages.length > 0);
    await unlessStopped(producer.commit(written), signal, LAST_COMMIT_MILLISECONDS);
  }
}

function blamed(categories: readonly RelayedCategory[], error: unknown): unknown {
  return error instanceof ProducerFencedError ? error : new CategoriesFailedError(categories, error);
}
