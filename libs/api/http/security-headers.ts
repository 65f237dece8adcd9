import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

const A_YEAR_SECONDS = 31_536_000;

const common = {
  // For answers that are no page. Pages have a policy of their own.
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
  // Old browsers only.
  xDownloadOptions: false,
  xXssProtection: false,
} as const;

const byHttp = helmet({ ...common, strictTransportSecurity: false });
const byHttps = helmet({
  ...common,
  // A subdomain may belong to somebody else.
  strictTransportSecurity: { maxAge: A_YEAR_SECONDS, includeSubDomains: false },
});

/** For answers that are written without a request: Node could not parse it. */
export const RAW_HEADERS = [
  'Cache-Control: no-store',
  "Content-Security-Policy: default-src 'none';frame-ancestors 'none'",
  'Referrer-Policy: no-referrer',
  'X-Content-Type-Options: nosniff',
] as const;

/** A request of Fastify, whatever the types of its route. */
export interface SecuredRequest {
  readonly protocol: 'http' | 'https';
  readonly raw: IncomingMessage;
}

/** The reply to it. */
export interface SecuredReply {
  readonly raw: ServerResponse;
}

/** Sets the headers of one answer. A route that sets one of them replaces it. */
export function setSecurityHeaders({ protocol, raw }: SecuredRequest, reply: SecuredReply): void {
  const set = protocol === 'https' ? byHttps : byHttp;
  set(raw, reply.raw, () => undefined);
  // Answers hold data of their callers. Revisions as ETags work without a cache.
  reply.raw.setHeader('cache-control', 'no-store');
}

/** Sets security headers on every answer. Call it before anything else answers. */
export function secureAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    setSecurityHeaders(request, reply);
    done();
  });
}
