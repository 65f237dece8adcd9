import type { Consumer, EachBatchPayload, Kafka as KafkaJs } from 'kafkajs';
import { within } from '#libs/runtime/within.js';
import type { Logger } from '#libs/runtime/logger.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import type { BatchConsumer, ConsumeOptions, ConsumerStatus, StartAt } from './kafka.js';
import { ConsumerProgress } from './consumer-progress.js';
import { isStillLoading } from './kafkajs-errors.js';
import { handleBatch } from './kafkajs-batch.js';
import { createLongPolling, type LongPolling } from './kafkajs-connections.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';

const SESSION_TIMEOUT_MILLISECONDS = 10_000;
/** Between two polls, at least this long after the one before. */
const HEARTBEAT_MILLISECONDS = 1_500;
/**
 * How long a poll waits for records, and so how long a rebalance may take. Arriving data ends it
 * immediately, and so does a stop.
 */
const POLL_MILLISECONDS = 2_000;
/** Before the first poll has ended, without partitions, or until it is known where to start. */
const SHORT_POLL_MILLISECONDS = 500;
const CONCURRENT_BATCHES = 4;
/**
 * If a handler determines where to start, the committed offsets only inform observers, who need no
 * update after every batch.
 */
const COMMIT_MILLISECONDS = 5_000;
/** kafkajs may silently stop polling after a rebalance. The consumer is then replaced. */
const SILENCE_MILLISECONDS = 30_000;
const WATCH_MILLISECONDS = 1_000;
const DISPOSE_MILLISECONDS = 5_000;

/**
 * Runs one consumer after the other, indefinitely. Whatever ends one (a crash, a failed rebalance,
 * silence), the next starts after a growing pause.
 */
export class KafkaJsConsumer implements BatchConsumer {
  private readonly stopping = new AbortController();
  private readonly pause = new GrowingPause(500, 10_000);
  private readonly changes: ChangeLog;
  private readonly progress = new ConsumerProgress();
  private state: ConsumerStatus['state'] = 'starting';
  private loop: Promise<void> = Promise.resolve();
  /** The assignment whose partitions are read from where they should. */
  private positioned = 0;
  private consumer: Consumer | undefined;

  constructor(
    private readonly client: KafkaJs,
    private readonly options: ConsumeOptions,
    logger: Logger,
  ) {
    this.changes = new ChangeLog(logger.child({ group: options.groupId }));
  }

  start(): void {
    this.loop = this.keepRunning();
  }

  status(): ConsumerStatus {
    const { lastPollAt, assigned } = this.progress;
    return { state: this.state, lastPollAt, failure: this.changes.current, assigned };
  }

  reposition(): void {
    this.progress.startAgain();
    if (this.consumer) void this.position(this.consumer, this.progress.generation);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    this.state = 'stopped';
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const polling = this.create();
      try {
        await this.runUntilItEnds(polling.consumer);
      } catch (error) {
        if (!isStillLoading(error)) this.changes.failing('the consumer is not running', error);
      }
      this.consumer = undefined;
      await this.dispose(polling);
      if (signal.aborted) return;
      this.state = 'restarting';
      await this.pause.wait(signal);
    }
  }

  private create(): LongPolling {
    const config = {
      groupId: this.options.groupId,
      sessionTimeout: SESSION_TIMEOUT_MILLISECONDS,
      heartbeatInterval: HEARTBEAT_MILLISECONDS,
      maxWaitTimeInMs: SHORT_POLL_MILLISECONDS,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: () => Promise.resolve(false) },
    };
    return createLongPolling(this.client, config, () => {
      const isSettled = this.state === 'running' && this.positioned === this.progress.generation;
      return isSettled ? POLL_MILLISECONDS : SHORT_POLL_MILLISECONDS;
    });
  }

  /**
   * Leaves the group. With Kafka away, kafkajs would retry for long, so the session is left to
   * expire.
   */
  private async dispose({ consumer, endFetches }: LongPolling): Promise<void> {
    const gone = consumer.disconnect().catch(() => undefined);
    endFetches();
    await within(gone, DISPOSE_MILLISECONDS, () => undefined);
  }

  private async runUntilItEnds(consumer: Consumer): Promise<void> {
    const { topics } = this.options;
    const crashed = new Promise<never>((_, fail) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    });
    crashed.catch(() => undefined);
    this.consumer = consumer;
    this.progress.follow(consumer, {
      onPoll: () => this.running(),
      onAssigned: () => void this.position(consumer, this.progress.generation),
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      autoCommit: this.options.startAt === undefined,
      autoCommitInterval: COMMIT_MILLISECONDS,
      partitionsConsumedConcurrently: this.options.concurrency ?? CONCURRENT_BATCHES,
      eachBatch: (payload) => this.handle(consumer, payload),
    });
    await Promise.race([crashed, this.silenceOrStop()]);
  }

  /**
   * kafkajs starts to fetch in the meantime. A handler that minds checks the offset of its first
   * batch.
   */
  private async position(consumer: Consumer, generation: number): Promise<void> {
    const { startAt } = this.options;
    const { signal } = this.stopping;
    const pause = new GrowingPause(200, 5_000);
    while (!signal.aborted && this.progress.generation === generation) {
      try {
        if (startAt) await this.seekAll(consumer, startAt, generation);
        this.positioned = generation;
        return;
      } catch (error) {
        this.changes.failing('the offsets to start at are unknown', error);
      }
      await pause.wait(signal);
    }
  }

  private async seekAll(consumer: Consumer, startAt: StartAt, generation: number): Promise<void> {
    for (const [topic, partitions] of this.progress.assigned) {
      const offsets = await startAt(topic, [...partitions.keys()]);
      if (this.progress.generation !== generation) return;
      for (const [partition, offset] of offsets) consumer.seek({ topic, partition, offset: String(offset) });
    }
  }

  private handle(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { signal } = this.stopping;
    const { options, progress, changes } = this;
    return handleBatch({ consumer, payload, handle: options.handle, progress, changes, signal });
  }

  private running(): void {
    if (this.stopping.signal.aborted) return;
    this.state = 'running';
    this.pause.reset();
  }

  /** Resolves on a stop, or when the polling loop has been silent for too long. */
  private silenceOrStop(): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      const end = (): void => {
        clearInterval(watch);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const watch = setInterval(() => {
        if (!this.progress.isSilentFor(SILENCE_MILLISECONDS)) return;
        this.changes.failing('the consumer fell silent', undefined);
        end();
      }, WATCH_MILLISECONDS);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}
