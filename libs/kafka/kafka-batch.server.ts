import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchConsumer, BatchControl, ConsumerStatus, Kafka, KafkaBatch, StartAt } from './kafka.js';
import { KafkaBatchContext } from './kafka-batch.context.js';
import { BatchTransportError } from './kafka.errors.js';

export interface KafkaBatchServerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Where to begin in newly assigned partitions; where the group stands when absent. */
  readonly startAt?: StartAt;
}

/**
 * A Nest transport that hands whole batches of one partition to `@EventPattern<string>(topic)` handlers: the payload is a
 * `KafkaBatch`, the context a `KafkaBatchContext`. A batch is done when its handler's promise resolves; when it rejects,
 * the batch comes again after a pause and nothing after it is skipped. It starts while Kafka is away, and restarts for
 * ever.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  /** The consumer reports what a handler fails with. */
  override readonly propagatesEventHandlerErrors = true;
  private consumer: BatchConsumer | undefined;

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
  }

  override listen(callback: (error?: unknown) => void): void {
    const { kafka, groupId, startAt } = this.options;
    this.consumer = kafka.consume({
      groupId,
      ...(startAt && { startAt }),
      topics: [...this.messageHandlers.keys()],
      handle: (batch, control) => this.dispatch(batch, control),
    });
    callback();
  }

  override async close(): Promise<void> {
    await this.consumer?.close();
  }

  /** How the consumer is doing; undefined before `listen`. */
  consumerStatus(): ConsumerStatus | undefined {
    return this.consumer?.status();
  }

  override on(): never {
    throw new BatchTransportError('this transport has no events of its own');
  }

  override unwrap(): never {
    throw new BatchTransportError('the Kafka client is not handed out');
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
