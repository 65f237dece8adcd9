import { Controller, Inject, type Type } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchPattern } from '#libs/kafka/batch-pattern.js';
import type { BatchHandler, KafkaBatch } from '#libs/kafka/kafka.js';
import { KafkaBatchContext } from '#libs/kafka/kafka-batch.context.js';

/** The token of the projector in its module. */
export const PROJECTOR = Symbol('projector');

/** Makes the controller that passes the batches of topics to the projector of its module. */
export function projectionController(topics: readonly string[]): Type {
  @Controller()
  class ProjectionController {
    constructor(@Inject(PROJECTOR) private readonly projector: { readonly apply: BatchHandler }) {}

    @BatchPattern(topics)
    project(@Payload() batch: KafkaBatch, @Ctx() context: KafkaBatchContext): Promise<void> {
      return this.projector.apply(batch, context);
    }
  }
  return ProjectionController;
}
