import { oneLine } from '#libs/core/one-line.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { Call } from '#libs/entity/activities/run-effect.js';
import { CANCEL_FULFILMENT, FULFIL } from '../domain/checkout.saga.js';

const PATIENCE_MILLISECONDS = 5_000;
const MAX_DETAIL = 200;
const NOTHING_TO_CANCEL: readonly number[] = [404, 410];

/**
 * The provider that fulfils orders, over HTTP. `PUT /orders/{id}` places an order, `DELETE` cancels
 * it, and both may be repeated. A `DELETE` answered 404 or 410 succeeds too: the order was never
 * placed, or an earlier attempt has cancelled it. Any `4xx` other than 408, 409 and 429 is a
 * refusal. Anything else counts as no answer, and is retried.
 */
export function fulfilmentCalls(url: string): Readonly<Record<string, Call>> {
  return {
    [FULFIL]: (data, key) => ask(orderUrl(url, data['order']), 'PUT', key, data),
    [CANCEL_FULFILMENT]: (data, key) => ask(orderUrl(url, data['order']), 'DELETE', key),
  };
}

function orderUrl(url: string, order: unknown): string {
  return `${url}/orders/${encodeURIComponent(String(order))}`;
}

async function ask(url: string, method: string, key: string, body?: object): Promise<Record<string, never>> {
  const reply = await fetch(url, {
    method,
    headers: { 'idempotency-key': key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
  const text = await reply.text();
  if (reply.ok || (method === 'DELETE' && NOTHING_TO_CANCEL.includes(reply.status))) return {};
  const isFinal = reply.status >= 400 && reply.status < 500 && ![408, 409, 429].includes(reply.status);
  if (!isFinal) throw new Error(`fulfilment answers ${reply.status}`);
  throw new EffectRefusedError(
    'FULFILMENT.REFUSED',
    oneLine(text, MAX_DETAIL) || `fulfilment answers ${reply.status}`,
  );
}
