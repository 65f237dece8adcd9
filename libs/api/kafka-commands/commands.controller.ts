import { Controller, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { BatchPattern } from '#libs/kafka/batch-pattern.js';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import type { CommandConsumer } from './command-consumer.js';

/** Finds the consumer of a command topic. */
export class CommandConsumers {
  constructor(private readonly byTopic: ReadonlyMap<string, CommandConsumer>) {}

  async handle(batch: KafkaBatch): Promise<void> {
    const consumer = this.byTopic.get(batch.topic);
    if (!consumer) throw new RangeError(`no consumer takes commands from ${batch.topic}`);
    await consumer.handle(batch);
  }
}

/** Makes the controller that passes batches from these topics to their consumers. */
export function commandsController(topics: readonly string[]): Type {
  @Controller()
  class CommandsController {
    constructor(private readonly consumers: CommandConsumers) {}

    @BatchPattern(topics)
    handle(@Payload() batch: KafkaBatch): Promise<void> {
      return this.consumers.handle(batch);
    }
  }
  return CommandsController;
}
