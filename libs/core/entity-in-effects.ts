import type { Action } from './effect.js';
import { entityOver } from './entity.js';

/**
 * The entities as rules see them: `send` says what is to be done because of an event. It is sent under an id made of that
 * event, so a retry is the same command.
 */
export const entity = entityOver<Action>((to, command) => ({ kind: 'send', to, command }));
