import { Controller, type Type } from '@nestjs/common';
import { EventPattern, Payload, RpcException } from '@nestjs/microservices';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import type { CommandConsumer } from './command-consumer.js';

/** A controller that takes the batches of a topic to their consumer. */
export function commandsController(topic: string, consumer: CommandConsumer): Type {
  @Controller()
  class CommandsController {
    // oxlint-disable-next-line typescript/no-unnecessary-type-arguments -- without it `{}` is inferred, and nothing fits
    @EventPattern<string>(topic)
    async handle(@Payload() batch: KafkaBatch): Promise<void> {
      try {
        await consumer.handle(batch);
      } catch (error) {
        // Nest replaces any other error by "Internal server error".
        throw new RpcException(error as object);
      }
    }
  }
  return CommandsController;
}
