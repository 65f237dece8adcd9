import type { IncomingMessage } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from '#libs/http/problem.filter.js';
import { METHODS } from '#libs/http/route-table.js';
import { engineAway } from '#libs/http/to-problem.js';
import type { Logger } from '#libs/observability/logger.js';
import { PassedFeeds } from './passed-feeds.js';
import type { Service } from './services.js';

const OPERATIONS = '/v1/operations/';

/** How long a service may say nothing, in milliseconds. */
export interface Patience {
  readonly requests: number;
  readonly operations: number;
}

const PATIENCE: Patience = {
  /** Longer than the longest `Prefer: wait`, and than a live feed is ever silent. */
  requests: 45_000,
  /** Longer than the longest transaction of an operator, which compares or moves all rows of a view. */
  operations: 11 * 60_000,
};

/** Passes what belongs to a service on to it; 503, naming the service, while it is away. */
export async function passOn(
  server: FastifyInstance,
  service: Service,
  logger: Logger,
  { requests, operations }: Patience = PATIENCE,
): Promise<void> {
  const feeds = new PassedFeeds();
  server.addHook('preClose', async () => feeds.end());
  for (const prefix of service.prefixes) {
    await server.register(async (scope) => {
      // Bodies are small: read whole, a slow sender keeps nothing of the service busy, and a large one is refused here.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      await scope.register(httpProxy, {
        upstream: service.url,
        prefix,
        httpMethods: METHODS,
        rewritePrefix: prefix,
        proxyPayloads: false,
        // A reply of 503 goes to the client, which knows best when to come again; by default it is asked for ten times more.
        retryMethods: [],
        http: {
          requestOptions: { timeout: prefix.startsWith(OPERATIONS) ? operations : requests },
          // Each feed holds a connection for as long as it is listened to.
          agentOptions: { maxSockets: Infinity },
        },
        handler: (request, reply, dest, options) => {
          const { body, headers } = request;
          const contentType = headers['content-type'] ?? 'application/octet-stream';
          return reply.from(dest, { ...options, ...(Buffer.isBuffer(body) && { body, contentType }) });
        },
        replyOptions: {
          onResponse: (_request, reply, response) => {
            const { stream } = response as unknown as { readonly stream: IncomingMessage };
            feeds.watch(stream, reply.raw);
            void reply.send(stream);
          },
          onError: (reply, { error }) => {
            logger.debug({ err: error, service: service.name }, 'a service does not answer');
            sendProblem(engineAway(`${service.name} service`), reply.request, reply, logger);
          },
        },
      });
    });
  }
}
