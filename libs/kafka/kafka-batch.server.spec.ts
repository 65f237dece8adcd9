import { expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { BatchPattern } from './batch-pattern.js';
import type { BatchControl, ConsumeOptions, Kafka, KafkaBatch } from './kafka.js';
import { KafkaBatchServer } from './kafka-batch.server.js';

class Unwritable extends Error {}
const failure = new Unwritable('no');
const handled: KafkaBatch[] = [];

@Controller()
class TwoTopics {
  @BatchPattern(['a', 'b'])
  async handle(@Payload() batch: KafkaBatch): Promise<void> {
    handled.push(batch);
    if (batch.topic === 'b') throw failure;
  }
}

it('passes batches of all its topics to a handler, and the errors of the handler to the consumer', async () => {
  let options: ConsumeOptions | undefined;
  const kafka = {
    consume: (given: ConsumeOptions) => {
      options = given;
      return { close: async () => undefined };
    },
  } as unknown as Kafka;
  class Module {}
  const strategy = new KafkaBatchServer({ kafka, groupId: 'spec' });
  const app = await NestFactory.createMicroservice(
    { module: Module, controllers: [TwoTopics] },
    { strategy, abortOnError: false, logger: false },
  );
  await app.listen();
  const control = {} as BatchControl;
  const batch = (topic: string) => ({ topic, records: [] }) as unknown as KafkaBatch;
  expect(options?.topics).toEqual(['a', 'b']);
  await options?.handle(batch('a'), control);
  await expect(options?.handle(batch('b'), control)).rejects.toBe(failure);
  expect(handled.map(({ topic }) => topic)).toEqual(['a', 'b']);
  await app.close();
});
