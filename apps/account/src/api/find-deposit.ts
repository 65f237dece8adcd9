import type { Complete } from '#libs/api/entities/completing-door.js';

/**
 * Adds what the command with this id deposited, since no state can remember all deposits. Nothing
 * is added if it deposited nothing, or has not been decided yet.
 */
export const findDeposit: Complete = async (data, { stream, gateway }) => {
  const commandId = data['deposit'] as string;
  const receipt = await gateway.receipt(stream, commandId);
  if (receipt?.status !== 'accepted') return data;
  const { revision, events } = receipt;
  const limit = events.length;
  const written = await gateway.events(stream, { from: revision - limit + 1, limit });
  const deposit = written.find(({ type, metadata }) => {
    return type === 'MoneyDeposited' && metadata.commandId === commandId;
  });
  return deposit ? { ...data, deposited: deposit.data['amount'] as number } : data;
};
