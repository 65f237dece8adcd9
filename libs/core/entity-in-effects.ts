import type { Action } from './effect.js';
import { entityOver, type Transport } from './entity.js';
import { flowOver } from './flow/flow.js';

const asEffect: Transport<Action> = (to, command) => ({ kind: 'send', to, command });

/**
 * Sends commands from rules: `send` returns an action for an effect. The command's id is derived
 * from the event of the effect, so a retry is the same command.
 */
export const entity = entityOver(asEffect);

/** The same for flows: `flow(CardPayment, 'p-1').start({ … })` is an action for an effect. */
export const flow = flowOver(asEffect);
