import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { type AtStep, passingOf } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { HeldFolds } from './fold-cache.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Kafka, OutgoingMessage, TransactionalProducer } from '#libs/kafka/kafka.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import { RelayGauge } from './relay-gauge.js';
import { RelayCheckpoint } from './relay-checkpoint.js';
import { type RelayedEvent, RelaySource, type RelaySourceOptions } from './relay-source.js';
import type { RelayedEntity } from './relayed-entity.js';
import { StateFolds } from './state-folds.js';
import { stateTopicSpec } from '#libs/kafka/state-topic.js';
import { type RefillProgress, StateRefill } from './state-refill.js';
import { isAfter, readTopicEnds, type TopicEnds } from './topic-ends.js';
import { unlessStopped } from '#libs/runtime/unless-stopped.js';

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
/** After failing for this long, another process may be more successful. */
const GIVE_UP_MILLISECONDS = 60_000;
/** Time for the current commit to end when the relay is told to stop. */
const LAST_COMMIT_MILLISECONDS = 1_000;
const REPORT_MILLISECONDS = 1_000;

/** The progress of a relay. */
export interface RelayProgress {
  /** Position in the store of the last event on the topic. Absent if the topic is empty. */
  readonly position?: string;
  /** Events that this relay has published. */
  readonly relayed: number;
  /** Age of the oldest event that is not on the topic yet, or null while unknown. */
  readonly behindSeconds: number | null;
  /** Over the last ten seconds. */
  readonly eventsPerSecond: number;
  /** The cached folds, from which the next states are made. */
  readonly folds?: HeldFolds;
  /** The store holds nothing more for the topic up to here, so the next relay need not read it. */
  readonly checkpoint?: string;
  /** The progress of filling in missing states. Absent if none is missing. */
  readonly refill?: RefillProgress;
}

export interface RelayOptions {
  readonly category: string;
  readonly entity: RelayedEntity;
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Ends the relay. */
  readonly signal: AbortSignal;
  /** Called after every transaction, and once a second. */
  readonly onProgress?: (progress: RelayProgress) => void;
  /** The relay fails after failing for this long. Default: a minute. */
  readonly giveUpMilliseconds?: number | undefined;
  /** Minimum time between two checkpoints. Default: half a minute. */
  readonly checkpointMilliseconds?: number | undefined;
  /** For commands that are `relayed`. */
  readonly atStep?: AtStep;
}

/**
 * Publishes each event of a category on its topic, exactly once and in store order for readers of
 * committed records. In the same transaction it publishes the state of each entity after the last
 * of these events, on the state topic. Concurrently, it fills in states that are missing there.
 *
 * It first fences off any previous relay, and only then reads from the topics how far they are:
 * anything uncommitted by then never will be committed. So it does not matter how the previous
 * relay ended. A checkpoint in the store may let it skip events of other categories, and decides
 * nothing else. After a failure of the store or the broker it restarts the same way, with a growing
 * pause.
 *
 * Resolves when the signal aborts. Errors: `ProducerFencedError` if another relay took over; the
 * last failure if nothing succeeded for `giveUpMilliseconds`.
 */
export async function runRelay(options: RelayOptions): Promise<RelayProgress> {
  return new Relay(options).run();
}

class Relay {
  private readonly folds: StateFolds;
  private readonly checkpoint: RelayCheckpoint;
  private readonly changes: ChangeLog;
  private readonly pause = new GrowingPause(100, 5_000);
  private readonly gauge = new RelayGauge();
  private refill: StateRefill | undefined;
  private failingSince: number | undefined;

  constructor(private readonly options: RelayOptions) {
    const { category, entity, store, logger, checkpointMilliseconds: intervalMilliseconds } = options;
    this.checkpoint = new RelayCheckpoint({ category, store, logger, intervalMilliseconds });
    this.folds = new StateFolds(entity, store, logger);
    this.changes = new ChangeLog(logger.child({ relay: category }));
  }

  async run(): Promise<RelayProgress> {
    const ticking = setInterval(() => this.report(), REPORT_MILLISECONDS);
    try {
      await this.keepRelaying();
    } finally {
      clearInterval(ticking);
    }
    const { signal } = this.options;
    await unlessStopped(this.checkpoint.close(), signal, LAST_COMMIT_MILLISECONDS).catch(() => undefined);
    return this.progress();
  }

  private async keepRelaying(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.relayFromProof();
      } catch (error) {
        if (error instanceof ProducerFencedError) throw error;
        if (!signal.aborted) await this.failed(error);
      }
    }
  }

  private async failed(error: unknown): Promise<void> {
    this.changes.failing('the relay is waiting', error);
    this.failingSince ??= Date.now();
    const { giveUpMilliseconds = GIVE_UP_MILLISECONDS, signal } = this.options;
    if (Date.now() - this.failingSince > giveUpMilliseconds) throw error;
    await this.pause.wait(signal);
  }

  private async relayFromProof(): Promise<void> {
    const { kafka, category, entity, signal } = this.options;
    await kafka.ensureTopics([eventTopicSpec(category), stateTopicSpec(category)]);
    const producer = await kafka.openProducer(`perdure.relay.${category}`);
    const stopping = new AbortController();
    let source: RelaySource | undefined;
    let refilling: Promise<void> | undefined;
    try {
      const ends = await readTopicEnds(kafka, category, entity.decider.stateVersion);
      source = new RelaySource(await this.sourceOptions(ends), signal);
      this.gauge.begin(ends.events, source);
      const refill = this.openRefill(producer, ends, AbortSignal.any([signal, stopping.signal]));
      refilling = refill.run().catch((error: unknown) => source?.fail(error));
      this.report();
      await this.relay(source, producer, refill, ends);
    } finally {
      stopping.abort();
      source?.close();
      await refilling;
      await producer.close();
    }
  }

  private async sourceOptions({ events }: TopicEnds): Promise<RelaySourceOptions> {
    const { store, category } = this.options;
    const from = await this.checkpoint.find(events);
    const onQuiet = (last: bigint | undefined, upTo: bigint): void => this.checkpoint.note(last, upTo);
    return { store, category, after: events, from, onQuiet };
  }

  private openRefill(producer: TransactionalProducer, ends: TopicEnds, signal: AbortSignal): StateRefill {
    const { category, store } = this.options;
    const write = (states: readonly OutgoingMessage[]): Promise<void> =>
      this.commit(producer, [], states, signal);
    this.refill = new StateRefill({ category, store, folds: this.folds, ends, write, signal });
    return this.refill;
  }

  private async relay(
    source: RelaySource,
    producer: TransactionalProducer,
    refill: StateRefill,
    ends: TopicEnds,
  ): Promise<void> {
    for (;;) {
      const events = await source.take(MAX_EVENTS, MAX_BYTES);
      const last = events.at(-1);
      if (!last) return;
      const begun = performance.now();
      // States of earlier events are left to the refill.
      const folded = events.filter(({ position }) => isAfter(position, ends.lastState));
      await refill.turns.run(async () => {
        const states = await refill.statesAfter(
          folded.map(({ event }) => event),
          last.position,
        );
        await this.commit(producer, events, states, this.options.signal);
        refill.relayed = last.position;
      });
      await this.options.atStep?.('relayed', passingOf(events));
      source.done();
      this.gauge.count(events.length, last.position);
      this.report();
      this.succeeded();
      await sleep(Math.max(0, begun + COMMIT_INTERVAL_MILLISECONDS - performance.now()));
    }
  }

  /**
   * A broker that is unavailable does not delay a shutdown. The outcome of the commit is then
   * unknown, as after a crash, and the next relay determines it.
   */
  private async commit(
    producer: TransactionalProducer,
    events: readonly RelayedEvent[],
    states: readonly OutgoingMessage[],
    signal: AbortSignal,
  ): Promise<void> {
    const { category } = this.options;
    const writes = [
      { topic: eventsTopic(category), messages: events.map(({ message }) => message) },
      { topic: stateTopic(category), messages: states },
    ];
    await unlessStopped(producer.commit(writes), signal, LAST_COMMIT_MILLISECONDS);
  }

  private succeeded(): void {
    this.failingSince = undefined;
    this.pause.reset();
    this.changes.well();
  }

  private report(): void {
    this.options.onProgress?.(this.progress());
  }

  private progress(): RelayProgress {
    const refill = this.refill?.progress();
    const { position } = this.checkpoint;
    return {
      ...this.gauge.progress(),
      folds: this.folds.held(),
      ...(position !== undefined && { checkpoint: String(position) }),
      ...(refill && { refill }),
    };
  }
}
