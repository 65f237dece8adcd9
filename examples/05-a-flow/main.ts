import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { EntityModule } from '#libs/service/entity.module.js';
import { PerdureModule } from '#libs/service/perdure.module.js';
import { book } from '../01-an-entity/book.js';
import { remind } from './loan.calls.js';
import { loanContract } from './loan.contract.js';

const workflowBundle = new URL('./workflows.bundle.js', import.meta.url);

@Module({
  imports: [
    PerdureModule.forRoot({ name: 'library', workflowBundle, calls: { remind } }),
    EntityModule.forFeature(book),
    EntityModule.forFeature(hostFlow(loanContract)),
  ],
})
class LibraryModule {}

const app = await NestFactory.create(LibraryModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3010);
