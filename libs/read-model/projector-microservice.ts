import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { eventsTopic } from '#contracts/entity-contract.js';
import { KafkaBatchServer } from '#libs/kafka/kafka-batch.server.js';
import { projectionController } from './projection.controller.js';
import { Projector, type ProjectorOptions } from './projector.js';

export interface ProjectorMicroserviceOptions extends ProjectorOptions {
  readonly groupId: string;
}

/** The observable parts of a view's microservice. */
export interface ProjectorMicroservice {
  readonly app: INestMicroservice;
  readonly server: KafkaBatchServer;
  readonly projector: Projector;
}

/** A Nest microservice that maintains one view. `app.listen()` starts it, `app.close()` ends it. */
export async function createProjectorMicroservice(
  options: ProjectorMicroserviceOptions,
): Promise<ProjectorMicroservice> {
  const projector = new Projector(options);
  const server = new KafkaBatchServer({
    kafka: options.kafka,
    groupId: options.groupId,
    startAt: (topic, partitions) => projector.startAt(topic, partitions),
  });
  class ProjectorModule {}
  const app = await NestFactory.createMicroservice(
    {
      module: ProjectorModule,
      controllers: [projectionController(eventsTopic(options.view.category))],
      providers: [{ provide: Projector, useValue: projector }],
    },
    { strategy: server, abortOnError: false },
  );
  return { app, server, projector };
}
