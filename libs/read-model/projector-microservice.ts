import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { KafkaBatchServer } from '#libs/kafka/kafka-batch.server.js';
import type { BatchHandler, Kafka, StartAt } from '#libs/kafka/kafka.js';
import { PROJECTOR, projectionController } from './projection.controller.js';

/** What applies the batches of topics to one view or several. */
export interface BatchProjector {
  readonly startAt: StartAt;
  readonly apply: BatchHandler;
}

export interface ProjectorMicroserviceOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly projector: BatchProjector;
  /** At most so many batches are passed to it at once. Default: 4. */
  readonly concurrency?: number;
}

/** The observable parts of a projector's microservice. */
export interface ProjectorMicroservice {
  readonly app: INestMicroservice;
  readonly server: KafkaBatchServer;
}

/**
 * A Nest microservice that maintains views. `app.listen()` starts it, `app.close()` ends it.
 */
export async function createProjectorMicroservice(
  options: ProjectorMicroserviceOptions,
): Promise<ProjectorMicroservice> {
  const { kafka, groupId, topics, projector, concurrency } = options;
  const startAt: StartAt = (topic, partitions) => projector.startAt(topic, partitions);
  const server = new KafkaBatchServer({ kafka, groupId, startAt, concurrency });
  class ProjectorModule {}
  const app = await NestFactory.createMicroservice(
    {
      module: ProjectorModule,
      controllers: [projectionController(topics)],
      providers: [{ provide: PROJECTOR, useValue: projector }],
    },
    { strategy: server, abortOnError: false },
  );
  return { app, server };
}
