import type { JsonObject } from '#libs/core/json.js';
import { oneLine } from '#libs/core/one-line.js';
import { readReply } from '#libs/runtime/read-reply.js';
import { inSpan, type Span, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import { EffectNotDoneError, EffectRefusedError } from './entity-activities.errors.js';

/** Shorter than the time-out of the activity that makes the call. */
const PATIENCE_MILLISECONDS = 5_000;
const MAX_DETAIL = 200;
const MAX_REPLY_BYTES = 64 * 1024;
/** These say that the moment was wrong, not the request. */
const RETRIED: readonly number[] = [408, 409, 425, 429];

/** A request to a provider outside. */
export interface HttpCall {
  /** The provider's name in messages. */
  readonly provider: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /** The same for every attempt. */
  readonly idempotencyKey?: string;
  readonly body?: JsonObject;
  /** Further headers, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that mean that the work is done, in addition to 2xx. */
  readonly done?: readonly number[];
  /** The reason that the text of a refusal gives. */
  readonly reasonOf: (text: string) => { readonly code: string; readonly detail: string };
  /** How long to wait for the whole reply. Default: 5 s. */
  readonly patienceMilliseconds?: number;
}

/** The reply to a request that was done. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Makes a request as {@link replyOverHttp} does, and returns the text of the reply. */
export async function callOverHttp(call: HttpCall): Promise<string> {
  return (await replyOverHttp(call)).text;
}

/**
 * Makes a request once, and returns the reply, of at most 64 KB. A `4xx` other than
 * 408, 409, 425 and 429 is a refusal: throws {@link EffectRefusedError}. Any other error means that
 * the outcome is unknown, and the call is to be retried under the same key.
 */
export function replyOverHttp(call: HttpCall): Promise<HttpReply> {
  return inSpan(requestStart(call), (span) => requestOnce(call, span));
}

/** The path is left out: it may hold anything. */
function requestStart({ method, provider, url }: HttpCall): SpanStart {
  const address = {
    'server.address': URL.canParse(url) ? new URL(url).hostname : undefined,
    'peer.service': provider,
  };
  return { name: method, kind: 'client', attributes: { 'http.request.method': method, ...address } };
}

async function requestOnce(call: HttpCall, span: Span | undefined): Promise<HttpReply> {
  const { provider, method, url, idempotencyKey, body, done = [], reasonOf } = call;
  const reply = await fetch(url, {
    method,
    headers: {
      ...call.headers,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...(body && { 'content-type': 'application/json' }),
      ...(span && { traceparent: span.traceparent }),
    },
    ...(body && { body: JSON.stringify(body) }),
    // Following a redirect would turn a POST into a GET.
    redirect: 'manual',
    signal: AbortSignal.timeout(call.patienceMilliseconds ?? PATIENCE_MILLISECONDS),
  });
  const { text, isWhole } = await readReply(reply, MAX_REPLY_BYTES);
  const { status } = reply;
  span?.note({ 'http.response.status_code': status });
  if (reply.ok || done.includes(status)) {
    if (isWhole) return { status, headers: reply.headers, text };
    throw new EffectNotDoneError(`${provider} answers more than ${MAX_REPLY_BYTES} bytes`);
  }
  if (status < 400 || status > 499 || RETRIED.includes(status)) {
    throw new EffectNotDoneError(`${provider} answers ${status}`);
  }
  const { code, detail } = reasonOf(text);
  throw new EffectRefusedError(code, oneLine(detail, MAX_DETAIL) || `${provider} answers ${status}`);
}
