import type { CallbackEvent } from '#contracts/callback/callback.contract.js';
import { type Effect, sendTo } from '#libs/core/effect.js';
import type { CallbackState } from './callback.state.js';

/** Delivers a message to the waiter to whom it was assigned. */
export function reactToCallback(
  event: CallbackEvent,
  { messages }: CallbackState,
  id: string,
): readonly Effect[] {
  if (event.type !== 'CallbackAssigned') return [];
  const { n } = event.data;
  const message = messages.find((one) => one.n === n);
  if (!message?.to) return [];
  const { webhookId, payload, receivedAt } = message;
  const { type, data } = message.to.answer;
  const command = { type, data: { ...data, callback: { id, n, webhookId, payload, receivedAt } } };
  const action = sendTo(message.to.by, command);
  return action ? [{ key: 'deliver', action, reply: 'RecordDelivery', echo: String(n) }] : [];
}
