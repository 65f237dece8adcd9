import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { METHODS } from '#libs/api/http/route-table.js';
import { UPLOAD_TYPES } from '#libs/api/http/uploads.js';
import type { Logger } from '#libs/runtime/logger.js';
import { PassedFeeds } from './passed-feeds.js';
import type { Service } from './services.js';

const OPERATIONS = '/v1/operations/';

/** How long a service may be silent, in milliseconds. */
export interface Patience {
  readonly requests: number;
  readonly operations: number;
}

const PATIENCE: Patience = {
  /** Longer than the longest `Prefer: wait`, and than a live feed is ever silent. */
  requests: 45_000,
  /**
   * Longer than the longest transaction of an operator, which compares or moves all rows of a view.
   */
  operations: 11 * 60_000,
};

/**
 * Splits an address into two parts, and throws a problem if it leads upwards. Given the whole
 * address, `reply.from` would refuse every id that starts or ends with two dots, and every query
 * that contains such text.
 */
function addressOf({ url }: Service, dest: string): { readonly source: string; readonly base: string } {
  const [path = ''] = dest.split('?', 1);
  const segments = decodeURIComponent(path).split(/[/\\]/);
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new ProblemError(problems.invalidRequest, 'a segment of the address consists only of dots');
  }
  const cut = path.lastIndexOf('/') + 1;
  const last = path.slice(cut);
  // Without `./`, text before a colon would be parsed as the scheme of another address.
  return { source: /^[A-Za-z]/.test(last) ? `./${last}` : last, base: `${url}${path.slice(0, cut)}` };
}

/**
 * Tells the service whose request it is, since it limits clients without a credential by their
 * address. Only a trusted proxy is believed if it names another client.
 */
function forwardedFor({ ip }: { readonly ip: string }, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, 'x-forwarded-for': ip };
}

/**
 * Bodies are small: they are read completely, so that a slow sender does not occupy the service,
 * and a large one is refused here. A file is too large for that: the service that takes it limits
 * its size and its time.
 */
function takeBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.addContentTypeParser(UPLOAD_TYPES, (_request, payload, done) => done(null, payload));
}

/**
 * Forwards a request to its service, or answers 503 with the name of the service while it is
 * unavailable.
 */
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
      takeBodies(scope);
      await scope.register(httpProxy, {
        upstream: service.url,
        prefix,
        httpMethods: METHODS,
        rewritePrefix: prefix,
        proxyPayloads: false,
        // Return 503 to the client, which knows best when to retry. The default is ten retries.
        retryMethods: [],
        http: {
          requestOptions: { timeout: prefix.startsWith(OPERATIONS) ? operations : requests },
          // Each feed holds a connection as long as it has a listener.
          agentOptions: { maxSockets: Infinity, ...service.tls },
        },
        handler: (request, reply, dest, options) => {
          const { body, headers } = request;
          const contentType = headers['content-type'] ?? 'application/octet-stream';
          const given = Buffer.isBuffer(body) && { body, contentType };
          const { source, base } = addressOf(service, dest);
          return reply.from(source, { ...options, ...given, getUpstream: () => base });
        },
        replyOptions: {
          rewriteRequestHeaders: forwardedFor,
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
