import type { FulfilmentTypes } from '#contracts/fulfilment/fulfilment.kind.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';

type Order = Pick<FulfilmentTypes['input'], 'order' | 'customerId' | 'lines'>;

/** How the provider is called. It is `later` if it reports the end to the address. */
export const fulfilmentCallPolicies = {
  fulfil: callPolicy<Order & { readonly callbackUrl: string }, { readonly later?: boolean }>(),
  'cancel-fulfilment': callPolicy<Pick<Order, 'order'>, JsonObject>(),
};

/** Places an order, and waits for its fulfilment if the provider answers later. */
export const fulfilOrder: FlowFunction<FulfilmentTypes, typeof fulfilmentCallPolicies> = async (
  { order, customerId, lines, timeout },
  f,
) => {
  const fulfilled = f.callback('fulfilled', { timeout });
  f.compensate('cancel', (own) => own.call('cancel-fulfilment', { order }));
  const { later } = await f.call('fulfil', { order, customerId, lines, callbackUrl: fulfilled.url });
  if (!later) return { answered: 'at-once' };
  await fulfilled.result();
  return { answered: 'later' };
};
