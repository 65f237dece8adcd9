import type { Action } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { CallbackPlace } from '../callback-place.js';
import type { CallOptions } from './flow-options.js';
import type { SpreadOrder, SpreadProgress, SpreadRequest, SpreadResult } from './spread/spread.js';

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
  /** The callback addresses that the data of a call contain, by the texts that stand for them. */
  readonly addresses?: Readonly<Record<string, CallbackPlace>>;
}

/** A callback address that is open. */
export interface CallbackWatch extends CallbackPlace {
  /** The longest time between two reports of progress, in milliseconds. */
  readonly heartbeat: number | undefined;
}

/** `unresolved`: the attempts allowed have failed, and the outcome is unknown. */
export type ActionOutcome =
  | { readonly status: 'done'; readonly result: JsonObject }
  | { readonly status: 'refused' | 'unresolved'; readonly code: string; readonly detail: string };

/** A spread under way. Once cancelled, it ends with what was done. */
export interface SpreadWork extends Work<{
  readonly result: SpreadResult;
  readonly progress: SpreadProgress;
}> {
  /** Steers it. The latest of several orders counts, whichever comes first. */
  order(order: SpreadOrder): void;
}

/**
 * What carries the function of a flow: Temporal, or plain memory. Everything that the function does
 * goes through it.
 */
export interface FlowHost {
  now(): number;
  timer(milliseconds: number): Work<void>;
  perform(request: ActionRequest): Work<ActionOutcome>;
  /** Waits until progress is not reported in time, or the end is not. */
  watchCallback(watch: CallbackWatch): Work<'silent' | 'late'>;
  /** Handles the items of a source in leaves, and says how far it is from time to time. */
  spread(request: SpreadRequest, report: (progress: SpreadProgress) => void): SpreadWork;
  /** The state of the entity of a stream, or undefined if it has no events. */
  ask(stream: string): Work<JsonObject | undefined>;
  /** The ids of the messages that have arrived and are not in the inbox yet. */
  arrived(): readonly string[];
  /** Resolves once every message that has arrived by now is in the inbox. */
  settled(): Promise<void>;
  /** Whether this run of the code has the change of that name (see `Flow.version`). */
  hasVersion(name: string): boolean;
}
