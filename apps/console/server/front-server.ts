import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import httpProxy from '@fastify/http-proxy';
import staticFiles from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { sendProblem } from '#libs/http/problem.filter.js';
import { requestProblem } from '#libs/http/request-problems.js';
import { engineAway } from '#libs/http/to-problem.js';
import type { Logger } from '#libs/observability/logger.js';
import { allReady } from './all-ready.js';
import type { ConsoleConfig } from './console.config.js';
import { docsPage } from './docs-page.js';
import { mergedOpenApi } from './merged-openapi.js';
import { servicesOf } from './services.js';

const MAX_PARAMETER_LENGTH = 2_000;

/**
 * The one address for a person: passes `/v1` on to the services, shows `/docs` and a start page, and answers for the health
 * of all.
 */
export async function createFrontServer(config: ConsoleConfig, logger: Logger): Promise<FastifyInstance> {
  const services = servicesOf(config);
  const server = fastify({
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, logger),
  });
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      requestProblem('ROUTE.NOT_FOUND', 'there is nothing at this address'),
      request,
      reply,
      logger,
    ),
  );
  for (const { name, url, prefixes } of services) {
    for (const prefix of prefixes) {
      await server.register(httpProxy, {
        upstream: url,
        prefix,
        rewritePrefix: prefix,
        http: { requestOptions: { timeout: 45_000 } },
        replyOptions: {
          onError: (reply, { error }) => {
            logger.debug({ err: error, service: name }, 'a service does not answer');
            sendProblem(engineAway(`the ${name} service`, 2), reply.request, reply, logger);
          },
        },
      });
    }
  }
  await serveFiles(server);
  server.get('/openapi.json', () => mergedOpenApi(services));
  server.get('/health/live', () => ({ status: 'ok' }));
  server.get('/health/ready', async (_, reply) => {
    const { isReady, body } = await allReady(services);
    if (!isReady) reply.header('retry-after', '2');
    return reply.status(isReady ? 200 : 503).send(body);
  });
  return server;
}

async function serveFiles(server: FastifyInstance): Promise<void> {
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const root = join(import.meta.dirname, 'public');
  await server.register(staticFiles, { root: [root], prefix: '/', index: 'index.html' });
  await server.register(staticFiles, {
    root: swagger,
    prefix: '/docs/assets/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => /^\/(swagger-ui(-bundle)?\.(css|js)|favicon-\d+x\d+\.png)$/.test(path),
  });
  server.get('/docs', (_, reply) => reply.type('text/html').send(docsPage));
}
