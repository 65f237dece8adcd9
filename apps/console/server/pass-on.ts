import type { IncomingMessage } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { METHODS } from '#libs/api/http/route-table.js';
import type { Logger } from '#libs/runtime/logger.js';
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

/**
 * An address in two parts; throws a problem where it would lead upwards. Of an address as a whole `reply.from` refuses every id
 * that begins or ends with two dots, and every query that holds such a text.
 */
function addressOf({ url }: Service, dest: string): { readonly source: string; readonly base: string } {
  const [path = ''] = dest.split('?', 1);
  const segments = decodeURIComponent(path).split(/[/\\]/);
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new ProblemError(problems.invalidRequest, 'a part of the address is nothing but dots');
  }
  const cut = path.lastIndexOf('/') + 1;
  const last = path.slice(cut);
  // Without `./` what stands before a colon would be the scheme of another address.
  return { source: /^[A-Za-z]/.test(last) ? `./${last}` : last, base: `${url}${path.slice(0, cut)}` };
}

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
          const given = Buffer.isBuffer(body) && { body, contentType };
          const { source, base } = addressOf(service, dest);
          return reply.from(source, { ...options, ...given, getUpstream: () => base });
        },
        replyOptions: {
          onResponse: (_request, reply, response) => {
            const { stream } = response as unknown as { readonly stream: IncomingMessage };
            feeds.watch(stream, reply.raw);
            void reply.send(stream);
          },
          onError: (reply, { error }) => {
            logger.debug({ err: error, service: service.name }, 'a service does not answer');
            sendProblem(new UnavailableError(`${service.name} service`), reply.request, reply, logger);
          },
        },
      });
    });
  }
}
