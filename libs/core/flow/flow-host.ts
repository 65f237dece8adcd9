import type { Action } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { CallOptions } from './flow.js';

/** Something under way that can be cancelled. */
export interface Work<T> {
  /** Rejects with any error once it is cancelled. */
  readonly result: Promise<T>;
  cancel(): void;
}

/** Something to be done outside, once. */
export interface ActionRequest {
  /** The place of the step. It identifies all attempts. */
  readonly place: string;
  /** The idempotency key, if it is not made from the place. */
  readonly key?: string;
  readonly action: Action;
  /** How a call is tried. A command is sent until it is accepted or rejected. */
  readonly policy?: Omit<CallOptions, 'key'>;
}

/** `unresolved`: the attempts allowed have failed, and the outcome is unknown. */
export type ActionOutcome =
  | { readonly status: 'done'; readonly result: JsonObject }
  | { readonly status: 'refused' | 'unresolved'; readonly code: string; readonly detail: string };

/**
 * What carries the function of a flow: Temporal, or plain memory. Everything that the function does
 * goes through it.
 */
export interface FlowHost {
  now(): number;
  timer(milliseconds: number): Work<void>;
  perform(request: ActionRequest): Work<ActionOutcome>;
  /** The state of the entity of a stream, or undefined if it has no events. */
  ask(stream: string): Work<JsonObject | undefined>;
  /** Resolves once every message that has arrived by now is in the inbox. */
  settled(): Promise<void>;
  /** Whether this run of the code has the change of that name (see `Flow.version`). */
  hasVersion(name: string): boolean;
}
