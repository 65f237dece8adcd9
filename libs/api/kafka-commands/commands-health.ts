import { Gauge } from 'prom-client';
import { commandsTopic } from '#contracts/entity-contract.js';
import { errorText } from '#libs/core/error-text.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { KafkaBatchServer } from '#libs/kafka/kafka-batch.server.js';
import type { CommandConsumer } from './command-consumer.js';

/**
 * The health of command processing for a category, judged by its progress: a process that is alive
 * but makes no progress is `stalled`.
 */
export interface CommandsHealth {
  readonly topic: string;
  readonly state: 'starting' | 'current' | 'behind' | 'stalled';
  /** The known number of records in the assigned partitions that are not done yet. */
  readonly lag: number | undefined;
  /** When the last batch was done, in milliseconds since 1970. */
  readonly lastDoneAt: number | undefined;
  readonly failure: string | undefined;
}

const REFRESH_MILLISECONDS = 5_000;
/** Until the first answer: a service is ready only when it knows the lag of its commands. */
const FIRST_REFRESH_MILLISECONDS = 200;
const STALLED_MILLISECONDS = 30_000;

const lagGauge = new Gauge({
  name: 'perdure_kafka_commands_lag_records',
  help: 'Records of command topics assigned to this process that are not done yet',
  labelNames: ['category'],
});

/** Measures the lag of the consumer every few seconds. */
export class CommandsHealthWatch {
  private lag: number | undefined;
  private failure: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<void>;
  private isClosed = false;

  constructor(
    private readonly category: string,
    private readonly kafka: Kafka,
    private readonly server: KafkaBatchServer,
    private readonly consumer: CommandConsumer,
  ) {
    this.refreshing = this.refresh();
  }

  health(): CommandsHealth {
    return {
      topic: commandsTopic(this.category),
      state: this.state(),
      lag: this.lag,
      lastDoneAt: this.consumer.lastDoneAt,
      failure: this.server.consumerStatus()?.failure ?? this.failure,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.refreshing;
  }

  private state(): CommandsHealth['state'] {
    const status = this.server.consumerStatus();
    const assigned = status?.assigned.get(commandsTopic(this.category)) ?? new Map<number, bigint>();
    const held = this.consumer.longestInHand(assigned.keys());
    if (held > STALLED_MILLISECONDS) return 'stalled';
    const isSilent = status !== undefined && Date.now() - status.lastPollAt > STALLED_MILLISECONDS;
    if (held === 0 && isSilent) return 'stalled';
    if (status?.state !== 'running' || this.lag === undefined) return 'starting';
    return this.lag === 0 ? 'current' : 'behind';
  }

  private async refresh(): Promise<void> {
    try {
      this.lag = await this.measure();
      if (this.lag !== undefined) lagGauge.set({ category: this.category }, this.lag);
      this.failure = undefined;
    } catch (error) {
      this.failure = errorText(error);
    }
    if (this.isClosed) return;
    const pause = this.lag === undefined ? FIRST_REFRESH_MILLISECONDS : REFRESH_MILLISECONDS;
    this.timer = setTimeout(() => {
      this.refreshing = this.refresh();
    }, pause);
  }

  /**
   * Until the group has an offset in a partition, the partition does not count: its lag is unknown.
   */
  private async measure(): Promise<number | undefined> {
    const topic = commandsTopic(this.category);
    const assigned = this.server.consumerStatus()?.assigned.get(topic);
    if (!assigned) return this.lag;
    const watermarks = await this.kafka.watermarks(topic);
    let lag = 0n;
    for (const [partition, next] of assigned) {
      const { high = 0n } = watermarks.get(partition) ?? {};
      if (next !== undefined && high > next) lag += high - next;
    }
    return Number(lag);
  }
}
