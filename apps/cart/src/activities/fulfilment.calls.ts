import {
  callOverHttp,
  type HttpCall,
  type HttpReply,
  replyOverHttp,
} from '#libs/entity/activities/http-call.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { CANCEL_FULFILMENT, FULFIL } from '../domain/checkout.saga.js';

const provider = 'fulfilment';
const ASYNC = 'respond-async';
const NOTHING_TO_CANCEL: readonly number[] = [404, 410];

/**
 * The provider that fulfils orders, over HTTP. `PUT /orders/{id}` places an order, `DELETE` cancels
 * it, and both may be repeated. With a `callbackUrl`, the provider may answer a `PUT` later. A
 * `DELETE` answered 404 or 410 succeeds too: the order was never placed, or an earlier attempt has
 * cancelled it.
 */
export function fulfilmentCalls(url: string): Readonly<Record<string, Call>> {
  const addressOf = (order: unknown) => {
    return { provider, url: `${url}/orders/${encodeURIComponent(String(order))}`, reasonOf };
  };
  return {
    [FULFIL]: async ({ callbackUrl, ...body }, idempotencyKey) => {
      const headers = typeof callbackUrl === 'string' ? mayAnswerAt(callbackUrl) : {};
      const address = addressOf(body['order']);
      const reply = await replyOverHttp({ ...address, method: 'PUT', idempotencyKey, body, headers });
      return isLater(reply) ? { later: true } : {};
    },
    [CANCEL_FULFILMENT]: async ({ order }, idempotencyKey) => {
      const address = addressOf(order);
      await callOverHttp({ ...address, method: 'DELETE', idempotencyKey, done: NOTHING_TO_CANCEL });
      return {};
    },
  };
}

/** The provider may take the order now and report its end to this address (RFC 7240). */
function mayAnswerAt(callbackUrl: string): NonNullable<HttpCall['headers']> {
  return { prefer: ASYNC, 'callback-url': callbackUrl };
}

/** Only this reply says that there is an end to come. Any other success means that it is done. */
function isLater({ status, headers }: HttpReply): boolean {
  const applied = (headers.get('preference-applied') ?? '').split(',');
  return status === 202 && applied.some((preference) => preference.trim().toLowerCase() === ASYNC);
}

function reasonOf(detail: string) {
  return { code: 'FULFILMENT.REFUSED', detail };
}
