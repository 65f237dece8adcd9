import { z } from 'zod';
import type { JsonObject } from '#libs/core/json.js';
import { EffectNotDoneError } from '#libs/entity/activities/entity-activities.errors.js';
import { callOverHttp, type HttpCall } from '#libs/entity/activities/http-call.js';
import type { Call } from '#libs/entity/activities/call-outside.js';

const provider = 'the card provider';

const payment = z.object({ id: z.string().min(1).max(200), state: z.string().min(1).max(40) });
const reason = z.object({ code: z.string().regex(/^[a-z][a-z_]{0,39}$/), detail: z.string() });

/**
 * The provider that charges cards, over HTTP. Each call results in `{ id, state }` of the payment,
 * and `webhooks`: the name under which the provider sends webhooks, if it does. What the provider
 * refuses is refused with its own code, `CARD.DECLINED` for `declined`.
 */
export function cardCalls(url: string, webhooks?: string): Readonly<Record<string, Call>> {
  const paymentAt = (id: unknown) => `${url}/payments/${encodeURIComponent(String(id))}`;
  const ask = async (call: Asked) => ({
    ...(await paymentFrom(call)),
    ...(webhooks !== undefined && { webhooks }),
  });
  return {
    'charge-card': (body, idempotencyKey) =>
      ask({ method: 'POST', url: `${url}/payments`, body, idempotencyKey }),
    'authorise-card': (order, idempotencyKey) => {
      const body = { ...order, capture: 'manual' };
      return ask({ method: 'POST', url: `${url}/payments`, body, idempotencyKey });
    },
    'capture-card': ({ id }, idempotencyKey) =>
      ask({ method: 'POST', url: `${paymentAt(id)}/capture`, idempotencyKey }),
    'undo-card': ({ id }, idempotencyKey) =>
      ask({ method: 'POST', url: `${paymentAt(id)}/undo`, idempotencyKey }),
    'card-status': ({ id }) => ask({ method: 'GET', url: paymentAt(id) }),
    'void-card': ({ id }, idempotencyKey) =>
      ask({ method: 'POST', url: `${paymentAt(id)}/void`, idempotencyKey }),
    'refund-card': ({ id }, idempotencyKey) =>
      ask({ method: 'POST', url: `${paymentAt(id)}/refund`, idempotencyKey }),
  };
}

type Asked = Omit<HttpCall, 'provider' | 'reasonOf'>;

async function paymentFrom(call: Asked): Promise<JsonObject> {
  const text = await callOverHttp({ provider, reasonOf, ...call });
  const answer = payment.safeParse(json(text));
  if (answer.success) return answer.data;
  // Perhaps the work was done, so this is no refusal.
  throw new EffectNotDoneError(`${provider} answers with something other than a payment`);
}

function reasonOf(text: string) {
  const given = reason.safeParse(json(text));
  if (!given.success) return { code: 'CARD.REFUSED', detail: text };
  return { code: `CARD.${given.data.code.toUpperCase()}`, detail: given.data.detail };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
