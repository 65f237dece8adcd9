import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Span, startSpan } from '#libs/runtime/tracing/tracing.js';
import { traceparentOf } from './trace-context.js';

/** They are asked all the time, and concern no command. */
const UNTRACED = ['/health/', '/metrics'];

/**
 * Makes a span of each request, and continues the trace of the caller. What follows from the
 * request finds the span in its `traceparent` header. Addresses and queries are left out, because
 * they may hold anything: the route says which it was.
 */
export function traceRequests(fastify: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  fastify.addHook('onRequest', (request, _, done) => {
    const span = spanOf(request);
    if (span) {
      spans.set(request, span);
      request.headers['traceparent'] = span.traceparent;
    }
    done();
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    const span = spans.get(request);
    span?.note({ 'http.response.status_code': statusCode });
    span?.end(statusCode >= 500 ? new ServerFailure(String(statusCode)) : undefined);
    done();
  });
}

/** By the conventions, a response of 5xx is an error whose type is the status. */
class ServerFailure extends Error {
  constructor(override readonly name: string) {
    super(name);
  }
}

function spanOf({ method, protocol, headers, routeOptions: { url } }: FastifyRequest): Span | undefined {
  if (url !== undefined && UNTRACED.some((start) => url.startsWith(start))) return undefined;
  return startSpan({
    name: url === undefined ? method : `${method} ${url}`,
    kind: 'server',
    parent: traceparentOf(headers),
    attributes: { 'http.request.method': method, 'http.route': url, 'url.scheme': protocol },
  });
}
