import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { hostSaga } from '#libs/operations/sagas/host-saga.js';
import { EntityModule } from '#libs/service/entity.module.js';
import { PerdureModule } from '#libs/service/perdure.module.js';
import { book } from '../01-an-entity/book.js';
import { bundleContract } from './bundle.contract.js';
import { bundleDecider } from './domain/bundle.saga.js';

const workflowBundle = new URL('./workflows.bundle.js', import.meta.url);

@Module({
  imports: [
    PerdureModule.forRoot({ name: 'library', workflowBundle }),
    EntityModule.forFeature(book),
    EntityModule.forFeature(hostSaga(bundleContract, bundleDecider)),
  ],
})
class LibraryModule {}

const app = await NestFactory.create(LibraryModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3010);
