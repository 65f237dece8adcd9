import type { JsonObject } from './json.js';

/** A command for another entity of the same tenant. */
export interface SendAction {
  readonly kind: 'send';
  readonly to: { readonly category: string; readonly id: string };
  readonly command: { readonly type: string; readonly data: JsonObject };
}

/** Something outside, by the name under which the service knows it. */
export interface CallAction {
  readonly kind: 'call';
  readonly call: string;
  readonly data: JsonObject;
}

export type Action = SendAction | CallAction;

/**
 * What an entity wants done outside of itself because of an event. It is done at least once, until it succeeds or is
 * refused, always under the same id; so whoever does it can tell a repeat.
 */
export interface Effect {
  /** Tells it from the other effects of its event; `A–Z a–z 0–9 . _ ~ @ : -`. */
  readonly key: string;
  readonly action: Action;
  /** The internal command by which the entity is told what came of it (its data is an {@link EffectOutcome}). */
  readonly reply?: string;
  /** The entity is told only of a refusal, because it learns of success in another way. Absent: of both. */
  readonly replyOn?: 'refusal';
  /** Returned with the outcome: what the effect was for, where its key does not say so. */
  readonly echo?: string;
}

type OfEffect = { readonly key: string; readonly attempts: number; readonly echo?: string };

/** What came of an effect. `refused`: no repeat can cure it, for the reason that `code` names. */
export type EffectOutcome = OfEffect &
  (
    | { readonly status: 'done'; readonly result: JsonObject }
    | { readonly status: 'refused'; readonly code: string; readonly detail: string }
  );
