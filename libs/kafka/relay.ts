import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '#contracts/entity-contract.js';
import { type AtStep, passingOf } from '#libs/decider/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import { ChangeLog } from './change-log.js';
import { positionOf } from './cloud-event.codec.js';
import { eventTopicSpec } from './event-topic.js';
import { GrowingPause } from './growing-pause.js';
import type { Kafka, TransactionalProducer } from './kafka.js';
import { ProducerFencedError } from './kafka.errors.js';
import { type RelayedEvent, RelaySource } from './relay-source.js';
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

/** How far a relay is. */
export interface RelayProgress {
  /** Position in the store of the last event on the topic; absent when it holds none. */
  readonly position?: string;
  /** Events that this relay has put on the topic. */
  readonly relayed: number;
}

export interface RelayOptions {
  readonly category: string;
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Ends the relay. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RelayProgress) => void;
  /** Of commands `relayed`. */
  readonly atStep?: AtStep;
}

/**
 * Puts each event of a category on its topic, once and in the order of the store, as readers of committed records see it.
 *
 * It begins by fencing off any relay before it, and only then reads from the topic itself how far the topic is: what is
 * not committed by then never will be. So it does not matter how the one before ended. Failures of store or broker
 * start it over the same way, with a growing pause.
 *
 * Resolves when the signal aborts. Errors: `ProducerFencedError` when another relay took over; the last failure when
 * nothing succeeded for a minute.
 */
export async function runRelay(options: RelayOptions): Promise<RelayProgress> {
  return new Relay(options).run();
}

class Relay {
  private readonly topic: string;
  private readonly changes: ChangeLog;
  private readonly pause = new GrowingPause(100, 5_000);
  private progress: RelayProgress = { relayed: 0 };
  private failingSince: number | undefined;

  constructor(private readonly options: RelayOptions) {
    this.topic = eventsTopic(options.category);
    this.changes = new ChangeLog(options.logger.child({ relay: options.category }));
  }

  async run(): Promise<RelayProgress> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.relayFromProof();
      } catch (error) {
        if (error instanceof ProducerFencedError) throw error;
        if (!signal.aborted) await this.failed(error);
      }
    }
    return this.progress;
  }

  private async failed(error: unknown): Promise<void> {
    this.changes.failing('the relay waits', error);
    this.failingSince ??= Date.now();
    if (Date.now() - this.failingSince > GIVE_UP_MILLISECONDS) throw error;
    await this.pause.wait(this.options.signal);
  }

  private async relayFromProof(): Promise<void> {
    const { kafka, category, store, signal } = this.options;
    await kafka.ensureTopics([eventTopicSpec(category)]);
    const producer = await kafka.openProducer(`perdure.relay.${category}`);
    let source: RelaySource | undefined;
    try {
      const position = await this.lastPublished();
      this.report(0, position);
      source = new RelaySource(store, category, position, signal);
      await this.relay(source, producer);
    } finally {
      source?.close();
      await producer.close();
    }
  }

  /** Events are committed in the order of the store, so the highest position on the topic covers all before it. */
  private async lastPublished(): Promise<bigint | undefined> {
    const positions = await this.options.kafka.readTail(this.topic, positionOf);
    return positions.reduce<bigint | undefined>(
      (highest, position) => (highest === undefined || position > highest ? position : highest),
      undefined,
    );
  }

  private async relay(source: RelaySource, producer: TransactionalProducer): Promise<void> {
    for (;;) {
      const events = await source.take(MAX_EVENTS, MAX_BYTES);
      const last = events.at(-1);
      if (!last) return;
      const begun = performance.now();
      await this.commit(producer, events);
      await this.options.atStep?.('relayed', passingOf(events));
      this.report(events.length, last.position);
      this.succeeded();
      await sleep(Math.max(0, begun + COMMIT_INTERVAL_MILLISECONDS - performance.now()));
    }
  }

  /**
   * A broker that is away holds up no shutdown: the outcome of the commit is then open, as after a crash, and the next
   * relay finds it out.
   */
  private commit(producer: TransactionalProducer, events: readonly RelayedEvent[]): Promise<void> {
    const messages = events.map(({ message }) => message);
    const { signal } = this.options;
    return unlessStopped(producer.commit(this.topic, messages), signal, LAST_COMMIT_MILLISECONDS);
  }

  private succeeded(): void {
    this.failingSince = undefined;
    this.pause.reset();
    this.changes.well();
  }

  private report(relayed: number, position: bigint | undefined): void {
    this.progress = {
      relayed: this.progress.relayed + relayed,
      ...(position !== undefined && { position: String(position) }),
    };
    this.options.onProgress?.(this.progress);
  }
}
