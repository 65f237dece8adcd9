import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const CORRELATION_ID = /^[A-Za-z0-9._:-]{1,100}$/;
const made = new WeakMap<IncomingHttpHeaders, string>();

/** The `traceparent` header (W3C Trace Context) of a request, if it is well-formed. */
export function traceparentOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['traceparent'];
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}

/**
 * The trace id of a request: the caller's, or else a generated one. It stays the same for the whole
 * request.
 */
export function traceIdOf(headers: IncomingHttpHeaders): string {
  const given = traceparentOf(headers)?.split('-')[1];
  if (given !== undefined) return given;
  const traceId = made.get(headers) ?? randomBytes(16).toString('hex');
  made.set(headers, traceId);
  return traceId;
}

/** The `X-Correlation-ID` header, if it is well-formed. */
export function correlationIdOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['x-correlation-id'];
  return typeof value === 'string' && CORRELATION_ID.test(value) ? value : undefined;
}
