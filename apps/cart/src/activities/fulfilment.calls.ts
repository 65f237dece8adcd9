import { callOverHttp, type HttpCall } from '#libs/entity/activities/http-call.js';
import type { Call } from '#libs/entity/activities/run-effect.js';
import { CANCEL_FULFILMENT, FULFIL } from '../domain/checkout.saga.js';

const provider = 'fulfilment';
const NOTHING_TO_CANCEL: readonly number[] = [404, 410];

/**
 * The provider that fulfils orders, over HTTP. `PUT /orders/{id}` places an order, `DELETE` cancels
 * it, and both may be repeated. A `DELETE` answered 404 or 410 succeeds too: the order was never
 * placed, or an earlier attempt has cancelled it.
 */
export function fulfilmentCalls(url: string): Readonly<Record<string, Call>> {
  const ask = async (order: unknown, call: Pick<HttpCall, 'method' | 'idempotencyKey' | 'body' | 'done'>) => {
    await callOverHttp({
      provider,
      url: `${url}/orders/${encodeURIComponent(String(order))}`,
      reasonOf,
      ...call,
    });
    return {};
  };
  return {
    [FULFIL]: (body, idempotencyKey) => ask(body['order'], { method: 'PUT', idempotencyKey, body }),
    [CANCEL_FULFILMENT]: ({ order }, idempotencyKey) =>
      ask(order, { method: 'DELETE', idempotencyKey, done: NOTHING_TO_CANCEL }),
  };
}

function reasonOf(detail: string) {
  return { code: 'FULFILMENT.REFUSED', detail };
}
