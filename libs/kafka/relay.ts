import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { type AtStep, passingOf } from '#libs/decider/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import { ChangeLog } from './change-log.js';
import { eventTopicSpec } from './event-topic.js';
import type { HeldFolds } from './fold-cache.js';
import { GrowingPause } from './growing-pause.js';
import type { Kafka, OutgoingMessage, TransactionalProducer } from './kafka.js';
import { ProducerFencedError } from './kafka.errors.js';
import { RelayGauge } from './relay-gauge.js';
import { type RelayedEvent, RelaySource } from './relay-source.js';
import type { RelayedEntity } from './relayed-entity.js';
import { StateFolds } from './state-folds.js';
import { stateTopicSpec } from './state-topic.js';
import { isAfter, lowerEnd, readTopicEnds, type TopicEnds } from './topic-ends.js';
import { unlessStopped } from './unless-stopped.js';

/** One transaction: all of it may fall into one partition, whose batch has to stay below the topic's limit. */
const MAX_EVENTS = 2_000;
const MAX_BYTES = 1024 * 1024;
/** Between two transactions: under load each carries what has come meanwhile; an event at rest never waits. */
const COMMIT_INTERVAL_MILLISECONDS = 25;
/** After failing for this long another process may have more luck. */
const GIVE_UP_MILLISECONDS = 60_000;
/** What is being committed when the relay is told to stop may take this long to end. */
const LAST_COMMIT_MILLISECONDS = 1_000;
const REPORT_MILLISECONDS = 1_000;

/** How far a relay is. */
export interface RelayProgress {
  /** Position in the store of the last event on the topic; absent when it holds none. */
  readonly position?: string;
  /** Events that this relay has put on the topic. */
  readonly relayed: number;
  /** Age of the oldest event that is not on the topic yet; null as long as nobody knows. */
  readonly behindSeconds: number | null;
  /** Over the last ten seconds. */
  readonly eventsPerSecond: number;
  /** The folds in memory, from which the next states are made. */
  readonly folds?: HeldFolds;
}

export interface RelayOptions {
  readonly category: string;
  readonly entity: RelayedEntity;
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Ends the relay. */
  readonly signal: AbortSignal;
  /** Told after every transaction, and once a second. */
  readonly onProgress?: (progress: RelayProgress) => void;
  /** After failing for this long it fails itself; a minute, unless said otherwise. */
  readonly giveUpMilliseconds?: number | undefined;
  /** Of commands `relayed`. */
  readonly atStep?: AtStep;
}

/**
 * Puts each event of a category on its topic, once and in the order of the store, as readers of committed records see it;
 * and in the same transaction the state of each entity after the last of its events there, on the state topic.
 *
 * It begins by fencing off any relay before it, and only then reads from the topics themselves how far they are: what is
 * not committed by then never will be. So it does not matter how the one before ended. Failures of store or broker
 * start it over the same way, with a growing pause. A topic that holds less than the other (it is new, or was deleted) is
 * filled first, and the other one left as it is meanwhile.
 *
 * Resolves when the signal aborts. Errors: `ProducerFencedError` when another relay took over; the last failure when
 * nothing succeeded for `giveUpMilliseconds`.
 */
export async function runRelay(options: RelayOptions): Promise<RelayProgress> {
  return new Relay(options).run();
}

class Relay {
  private readonly folds: StateFolds;
  private readonly changes: ChangeLog;
  private readonly pause = new GrowingPause(100, 5_000);
  private readonly gauge = new RelayGauge();
  private failingSince: number | undefined;

  constructor(private readonly options: RelayOptions) {
    const { category, entity, store, logger } = options;
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
    this.changes.failing('the relay waits', error);
    this.failingSince ??= Date.now();
    const { giveUpMilliseconds = GIVE_UP_MILLISECONDS, signal } = this.options;
    if (Date.now() - this.failingSince > giveUpMilliseconds) throw error;
    await this.pause.wait(signal);
  }

  private async relayFromProof(): Promise<void> {
    const { kafka, category, entity, store, signal } = this.options;
    await kafka.ensureTopics([eventTopicSpec(category), stateTopicSpec(category)]);
    const producer = await kafka.openProducer(`perdure.relay.${category}`);
    let source: RelaySource | undefined;
    try {
      const ends = await readTopicEnds(kafka, category, entity.decider.stateVersion);
      source = new RelaySource(store, category, lowerEnd(ends), signal);
      this.gauge.begin(ends.events, source);
      this.report();
      await this.relay(source, producer, ends);
    } finally {
      source?.close();
      await producer.close();
    }
  }

  private async relay(source: RelaySource, producer: TransactionalProducer, ends: TopicEnds): Promise<void> {
    for (;;) {
      const taken = await source.take(MAX_EVENTS, MAX_BYTES);
      const last = taken.at(-1);
      if (!last) return;
      const begun = performance.now();
      const events = taken.filter(({ position }) => isAfter(position, ends.events));
      const folded = taken.filter(({ position }) => isAfter(position, ends.states));
      await this.commit(producer, events, await this.folds.after(folded.map(({ event }) => event)));
      await this.options.atStep?.('relayed', passingOf(events));
      source.done();
      this.gauge.count(events.length, events.at(-1)?.position ?? ends.events);
      this.report();
      this.succeeded();
      await sleep(Math.max(0, begun + COMMIT_INTERVAL_MILLISECONDS - performance.now()));
    }
  }

  /**
   * A broker that is away holds up no shutdown: the outcome of the commit is then open, as after a crash, and the next
   * relay finds it out.
   */
  private async commit(
    producer: TransactionalProducer,
    events: readonly RelayedEvent[],
    states: readonly OutgoingMessage[],
  ): Promise<void> {
    // States alone that all are left out.
    if (events.length === 0 && states.length === 0) return;
    const { category, signal } = this.options;
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
    return { ...this.gauge.progress(), folds: this.folds.held() };
  }
}
