import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Logger } from '#libs/runtime/logger.js';
import { takesBytes } from './access.js';
import { refuseTunnels } from './client-error.js';
import { NestLogger } from './nest-logger.js';
import { limitConnections, serverOptions } from './server-options.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { stopInOrder } from './run-service.js';
import { limitSlowReaders } from './slow-readers.js';
import { parseJsonBytes } from './strict-json.js';
import { secureTransport, type Transport } from './transport.js';
import { takeUploads } from './uploads.js';

/**
 * A Nest application on fastify that parses JSON strictly and answers every error as problem+json.
 */
export async function createHttpApp(module: Type | DynamicModule, logger: Logger, transport: Transport = {}) {
  const adapter = new BoundedAdapter(logger, transport);
  const fastify = adapter.getInstance<FastifyInstance>();
  secureTransport(fastify, transport);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const routes = new RouteTable();
  routes.watch(fastify);
  takeJson(fastify);
  takeForms(fastify);
  takeUploads(fastify);
  limitConnections(fastify);
  limitSlowReaders(fastify);
  refuseTunnels(fastify);
  app.useGlobalFilters(new ProblemFilter({ logger }, routes));
  return app;
}

/**
 * Waits at most 5 s for open requests when it closes, because the servers that they depend on may
 * not answer.
 */
class BoundedAdapter extends FastifyAdapter {
  constructor(
    private readonly log: Logger,
    transport: Transport,
  ) {
    super(serverOptions(log, transport));
  }

  override close(): Promise<void> {
    return stopInOrder([[{ close: () => super.close() }]], this.log);
  }
}

function takeJson(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesBytes(request)) return done(null, body);
    try {
      done(null, parseJsonBytes(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Only for routes that ask for it: JSON has stricter rules, and other sites cannot post it. */
function takeForms(fastify: FastifyInstance): void {
  const form = 'application/x-www-form-urlencoded';
  fastify.addContentTypeParser(form, { parseAs: 'string' }, ({ routeOptions }, body, done) => {
    const { takesForms } = routeOptions.config as { readonly takesForms?: boolean };
    if (takesForms) done(null, Object.fromEntries(new URLSearchParams(String(body))));
    else done(new ProblemError(problems.unsupportedMediaType, 'send the body as application/json'));
  });
}
