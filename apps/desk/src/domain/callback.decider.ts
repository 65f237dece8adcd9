import type { CallbackCommand, CallbackEvent } from '#contracts/callback/callback.contract.js';
import type { Decider } from '#libs/core/decider.js';
import { decideCallback } from './callback.decide.js';
import { reactToCallback } from './callback.effects.js';
import { evolveCallback } from './callback.evolve.js';
import { type CallbackState, initialCallback } from './callback.state.js';

export const callbackDecider: Decider<CallbackState, CallbackCommand, CallbackEvent> = {
  name: 'callback',
  stateVersion: 1,
  initialState: initialCallback,
  decide: decideCallback,
  growing: ['Receive', 'Wait'],
  evolve: evolveCallback,
  react: reactToCallback,
};
