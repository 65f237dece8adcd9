import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchConsumer, BatchControl, ConsumerStatus, Kafka, KafkaBatch, StartAt } from './kafka.js';
import { KafkaBatchContext } from './kafka-batch.context.js';
import { BatchTransportError } from './kafka.errors.js';

export interface KafkaBatchServerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Where to start in newly assigned partitions. Default: the committed offsets of the group. */
  readonly startAt?: StartAt;
  /** At most so many batches are passed to handlers at once. Default: 4. */
  readonly concurrency?: number | undefined;
}

/**
 * A Nest transport that passes whole batches of one partition to `@EventPattern<string>(topic)`
 * handlers. The payload is a `KafkaBatch`, the context a `KafkaBatchContext`. A batch is done when
 * the promise of its handler resolves. If it rejects, the batch is redelivered after a pause and
 * nothing after it is skipped. It starts even if Kafka is unavailable, and restarts indefinitely.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  /** The consumer reports the errors of handlers. */
  override readonly propagatesEventHandlerErrors = true;
  private consumer: BatchConsumer | undefined;

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
  }

  override listen(callback: (error?: unknown) => void): void {
    const { kafka, groupId, startAt, concurrency } = this.options;
    this.consumer = kafka.consume({
      groupId,
      ...(startAt && { startAt }),
      ...(concurrency !== undefined && { concurrency }),
      topics: [...this.messageHandlers.keys()],
      handle: (batch, control) => this.dispatch(batch, control),
    });
    callback();
  }

  override async close(): Promise<void> {
    await this.consumer?.close();
  }

  /** The state of the consumer, or undefined before `listen`. */
  consumerStatus(): ConsumerStatus | undefined {
    return this.consumer?.status();
  }

  /** Starts again where `startAt` says in all assigned partitions. */
  reposition(): void {
    this.consumer?.reposition();
  }

  override on(): never {
    throw new BatchTransportError('this transport has no events of its own');
  }

  override unwrap(): never {
    throw new BatchTransportError('this transport does not expose its Kafka client');
  }

  private async dispatch(batch: KafkaBatch, control: BatchControl): Promise<void> {
    let handler = this.getHandlerByPattern(batch.topic);
    if (!handler) throw new BatchTransportError(`there is no handler for ${batch.topic}`);
    const context = new KafkaBatchContext([batch, control]);
    for (; handler; handler = handler.next ?? null) {
      const result: unknown = await handler(batch, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    }
  }
}
