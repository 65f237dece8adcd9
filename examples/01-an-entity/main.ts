import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { EntityModule } from '#libs/service/entity.module.js';
import { PerdureModule } from '#libs/service/perdure.module.js';
import { book } from './book.js';

const workflowBundle = new URL('./workflows.bundle.js', import.meta.url);

@Module({
  imports: [PerdureModule.forRoot({ name: 'library', workflowBundle }), EntityModule.forFeature(book)],
})
class LibraryModule {}

const app = await NestFactory.create(LibraryModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3010);
