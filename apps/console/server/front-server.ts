import fastify, { type FastifyInstance } from 'fastify';
import { refuseTunnels } from '#libs/api/http/client-error.js';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { RouteTable } from '#libs/api/http/route-table.js';
import { limitConnections, serverOptions } from '#libs/api/http/server-options.js';
import { traceRequests } from '#libs/api/http/trace-requests.js';
import { secureTransport, transportOf } from '#libs/api/http/transport.js';
import { letUploadsArrive, uploadTypeOf } from '#libs/api/http/uploads.js';
import type { Logger } from '#libs/runtime/logger.js';
import { isTracing } from '#libs/runtime/tracing/tracing.js';
import { allReady } from './all-ready.js';
import type { ConsoleConfig } from './console.config.js';
import { serveLocalUsers } from './local-users.js';
import { serveMergedAnswers } from './merged-answers.js';
import { mergedAsyncApi, mergedOpenApi } from './merged-documents.js';
import { passOn } from './pass-on.js';
import { servePages } from './serve-pages.js';
import { servicesOf } from './services.js';

/**
 * The single address for users: passes `/v1` on to the services, serves the console and `/docs`,
 * and reports the health of all.
 */
export async function createFrontServer(config: ConsoleConfig, logger: Logger): Promise<FastifyInstance> {
  const services = servicesOf(config);
  const transport = transportOf(config, logger);
  const server: FastifyInstance = fastify(serverOptions(logger, transport));
  secureTransport(server, transport);
  const routes = new RouteTable();
  routes.watch(server);
  if (isTracing()) traceRequests(server);
  limitConnections(server);
  letUploadsArrive(server, { isUpload: (request) => uploadTypeOf(request) !== undefined });
  refuseTunnels(server);
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  server.setNotFoundHandler((request, reply) => sendProblem(routes.refusal(request), request, reply, logger));
  for (const service of services) await passOn(server, service, logger);
  serveMergedAnswers(server, services);
  await servePages(server, { config, services, openApi: () => mergedOpenApi(services) });
  if (config.LOCAL_ISSUER_URL !== undefined) serveLocalUsers(server, config.LOCAL_ISSUER_URL);
  server.get('/openapi.json', () => mergedOpenApi(services));
  server.get('/asyncapi.json', () => mergedAsyncApi(services));
  server.get('/health/live', () => ({ status: 'ok' }));
  server.get('/health/ready', async (_, reply) => {
    const { isReady, body } = await allReady(services);
    if (!isReady) reply.header('retry-after', '2');
    return reply.status(isReady ? 200 : 503).send(body);
  });
  return server;
}
