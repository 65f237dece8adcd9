import { Controller, type Type } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchPattern } from '#libs/kafka/batch-pattern.js';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import { KafkaBatchContext } from '#libs/kafka/kafka-batch.context.js';
import { Projector } from './projector.js';

/** Makes the controller that passes the batches of a topic to the projector of its module. */
export function projectionController(topic: string): Type {
  @Controller()
  class ProjectionController {
    constructor(private readonly projector: Projector) {}

    @BatchPattern([topic])
    project(@Payload() batch: KafkaBatch, @Ctx() context: KafkaBatchContext): Promise<void> {
      return this.projector.apply(batch, context);
    }
  }
  return ProjectionController;
}
