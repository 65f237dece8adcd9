import { onlyReceipt, type Receipt } from '#libs/entity/gateway/entity-gateway.js';

/** The outcome of a single command that was executed. Throws if the wait was too short. */
export function outcomeIn(receipts: readonly Receipt[]): Exclude<Receipt, { status: 'pending' }> {
  const receipt = onlyReceipt(receipts);
  if (receipt.status === 'pending') throw new Error(`${receipt.commandId} got no outcome in time`);
  return receipt;
}
