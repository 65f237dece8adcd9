import type { SendAction } from './effect.js';
import { entityOver, type Transport } from './entity.js';
import { type FlowKind, flowOver, type FlowTypes } from './flow/flow.js';
import type { FlowAnswers } from './flow/flow.messages.js';
import type { JsonObject } from './json.js';

const asEffect: Transport<SendAction> = (to, command) => ({ kind: 'send', to, command });

/**
 * Sends commands from rules: `send` returns an action for an effect. The command's id is derived
 * from the event of the effect, so a retry is the same command.
 */
export const entity = entityOver(asEffect);

/** The same for flows: `flow(CardPayment, 'p-1').start({ … })` is an action for an effect. */
export const flow = flowOver(asEffect);

/**
 * Starts a flow, which answers the entity with one of these commands when it has ended. The flow
 * adds its id and its result or failure, as the field `flow`.
 */
export function flowFor<T extends FlowTypes>(
  { category }: FlowKind<T>,
  id: string,
  input: T['input'],
  answers: FlowAnswers,
): SendAction {
  const data = { input: input as JsonObject, answers };
  return { kind: 'send', to: { category, id }, command: { type: 'StartFor', data }, answer: 'later' };
}
