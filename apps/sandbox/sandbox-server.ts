import fastify, { type FastifyInstance } from 'fastify';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { serverOptions } from '#libs/api/http/server-options.js';
import type { Logger } from '#libs/runtime/logger.js';

/** The HTTP server of a sandbox: it says that it is alive, and answers errors as problem+json. */
export function sandboxServer(logger: Logger): FastifyInstance {
  const server: FastifyInstance = fastify(serverOptions(logger));
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  server.get('/health/live', () => ({ status: 'ok' }));
  return server;
}
