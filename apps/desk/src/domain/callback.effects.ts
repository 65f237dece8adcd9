import type { CallbackEvent } from '#contracts/callback/callback.contract.js';
import type { Effect } from '#libs/core/effect.js';
import { parseStreamName } from '#libs/core/entity-id.js';
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
  const to = parseStreamName(message?.to?.by ?? '');
  if (!message?.to || !to) return [];
  const { webhookId, payload, receivedAt } = message;
  const { type, data } = message.to.answer;
  const command = { type, data: { ...data, callback: { id, n, webhookId, payload, receivedAt } } };
  const { category } = to;
  const action = { kind: 'send', to: { category, id: to.id }, command } as const;
  return [{ key: 'deliver', action, reply: 'RecordDelivery', echo: String(n) }];
}
