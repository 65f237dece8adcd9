import { Controller, Inject, type Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RpcException } from '@nestjs/microservices';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import type { KafkaBatchContext } from '#libs/kafka/kafka-batch.context.js';
import { Projector } from './projector.js';

/** A controller that takes the batches of a topic to the projector of its module. */
export function projectionController(topic: string): Type {
  @Controller()
  class ProjectionController {
    constructor(@Inject(Projector) private readonly projector: Projector) {}

    // oxlint-disable-next-line typescript/no-unnecessary-type-arguments -- without it `{}` is inferred, and nothing fits
    @EventPattern<string>(topic)
    async project(@Payload() batch: KafkaBatch, @Ctx() context: KafkaBatchContext): Promise<void> {
      try {
        await this.projector.apply(batch, context);
      } catch (error) {
        // Nest replaces any other error by "Internal server error".
        throw new RpcException(error as object);
      }
    }
  }
  return ProjectionController;
}
