import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { EntityModule } from '#libs/service/entity.module.js';
import { PerdureModule } from '#libs/service/perdure.module.js';
import { countShelf } from './count-shelf.leaf.js';
import { stocktakeContract } from './stocktake.contract.js';

const workflowBundle = new URL('./workflows.bundle.js', import.meta.url);

@Module({
  imports: [
    PerdureModule.forRoot({ name: 'library', workflowBundle, leaves: [countShelf] }),
    EntityModule.forFeature(hostFlow(stocktakeContract, { spreads: true })),
  ],
})
class LibraryModule {}

const app = await NestFactory.create(LibraryModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3010);
