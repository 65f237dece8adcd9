import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Logger } from '#libs/runtime/logger.js';
import { answerClientError } from './client-error.js';
import { showLimitRefusal } from './limit-metrics.js';
import { type ProblemRequest, sendProblem } from './problem.filter.js';
import { type SecuredReply, type SecuredRequest, setSecurityHeaders } from './security-headers.js';
import type { Transport } from './transport.js';

/** The largest accepted body, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** The largest accepted request line and headers, in bytes. Also the default of Node. */
const MAX_HEADER_BYTES = 16 * 1024;

/** How long a request may take to arrive, including headers and body. */
export const ARRIVAL_MILLISECONDS = 10_000;
/** How often that is checked. */
const CHECKS_IN_ARRIVAL = 10;
const MAX_PARAMETER_LENGTH = 2_000;
const MAX_CONNECTIONS = 10_000;

/**
 * Options that all our servers share: limits, and problem+json for errors that occur before a route
 * is found.
 */
export function serverOptions(
  logger: Logger,
  { proxies = ['loopback'], tls }: Transport = {},
  arrivalMilliseconds = ARRIVAL_MILLISECONDS,
) {
  const parsing = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: arrivalMilliseconds,
    connectionsCheckingInterval: arrivalMilliseconds / CHECKS_IN_ARRIVAL,
  };
  return {
    // Only these may say in `X-Forwarded-For` whose request they pass on.
    trustProxy: [...proxies],
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: arrivalMilliseconds,
    // Fastify types an HTTPS server as another kind of server.
    ...((tls ? { https: { ...tls.options, ...parsing } } : { http: parsing }) as { http: typeof parsing }),
    forceCloseConnections: 'idle',
    // Requests on an open connection are still answered while the server stops. Then the connection
    // is closed.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: unknown, request: unknown, reply: unknown) => {
      setSecurityHeaders(request as SecuredRequest, reply as SecuredReply);
      sendProblem(error, request as ProblemRequest, reply as object, logger);
    },
  } satisfies FastifyHttpOptions<Server>;
}

/** Refuses connections beyond 10,000. Existing ones continue to be served. */
export function limitConnections({ server }: FastifyInstance, most = MAX_CONNECTIONS): void {
  server.maxConnections = most;
  server.on('drop', () => showLimitRefusal('connections', 'process'));
}
