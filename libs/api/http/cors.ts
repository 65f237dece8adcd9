import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const MAX_AGE_SECONDS = 600;

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const ALLOWED_HEADERS = [
  'Accept',
  'Authorization',
  'Consistency-Token',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
  'traceparent',
  'tracestate',
  'X-Api-Key',
].join(', ');
const EXPOSED_HEADERS = [
  'Consistency-Token',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Stale-By',
  'Stale-Parked',
  'traceparent',
  'WWW-Authenticate',
].join(', ');

/** The schema of a list of origins whose pages may read answers. There is no wildcard. */
export const corsOrigins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((origins) => origins.every(isOrigin), {
    error: 'must list exact origins, such as https://shop.example, without a path and without *',
  })
  .default([]);

function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { protocol, origin } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}

/**
 * Lets pages of these origins read answers, and answers their preflight requests, which carry no
 * credential. Requests of other origins get no such header. Cookies are never allowed.
 */
export function answerOrigins(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const listed = new Set(origins);
  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply;
    const { origin, 'access-control-request-method': wanted } = request.headers;
    raw.setHeader('vary', 'Origin');
    if (origin === undefined || !listed.has(origin)) return done();
    raw.setHeader('access-control-allow-origin', origin);
    if (request.method !== 'OPTIONS' || wanted === undefined) {
      raw.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
      return done();
    }
    raw.setHeader('access-control-allow-methods', ALLOWED_METHODS);
    raw.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    raw.setHeader('access-control-max-age', String(MAX_AGE_SECONDS));
    reply.code(204).send();
  });
}
