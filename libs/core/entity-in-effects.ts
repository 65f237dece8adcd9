import type { Action } from './effect.js';
import { entityOver } from './entity.js';

/**
 * Sends commands from rules: `send` returns an action for an effect. The command's id is derived
 * from the event of the effect, so a retry is the same command.
 */
export const entity = entityOver<Action>((to, command) => ({ kind: 'send', to, command }));
