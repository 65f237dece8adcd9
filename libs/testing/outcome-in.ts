import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';

/** The outcome in a receipt. Throws if the wait was too short. */
export function outcomeIn(receipt: Receipt): Exclude<Receipt, { status: 'pending' }> {
  if (receipt.status === 'pending') throw new Error(`${receipt.commandId} got no outcome in time`);
  return receipt;
}
