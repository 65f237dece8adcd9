import type { Message } from '#libs/core/flow/flow.js';
import type { Trace } from '#libs/flow/protocol/flow-activities.js';
import type { Json, JsonObject } from '#libs/core/json.js';

/** What one run of a flow hands to the next, apart from what every entity carries. */
export interface CarriedFlow {
  /** The round that begins with the run, from 0, */
  epoch: number;
  /** and the state that `continueWith` gave it. */
  readonly state?: Json;
  /** Milestones that were sent. Their ids are numbered. */
  sent: number;
  /** The run that the last reset of the workflow began. Milestones have ids of their own there. */
  resetIn?: string;
  readonly trace?: Trace;
  /** Messages that the function has not taken, */
  readonly unread: readonly Message[];
  /** the revision up to which they were collected, */
  readonly upTo: number;
  /** and what it has taken. */
  readonly read: number;
  readonly readBytes: number;
}

const NOTHING: CarriedFlow = { epoch: 0, sent: 0, unread: [], upTo: -1, read: 0, readBytes: 0 };

/**
 * The carried part of a workflow input. A run without one begins the function from its start and
 * reads the messages from the stream, so anything that is not well-formed counts as none.
 */
export function carriedFlowIn(value: JsonObject | undefined): CarriedFlow {
  const given = (value ?? {}) as Partial<CarriedFlow>;
  const numbers = [given.epoch, given.sent, given.upTo, given.read, given.readBytes];
  const isWhole = numbers.every((number) => Number.isSafeInteger(number)) && Array.isArray(given.unread);
  return { ...NOTHING, ...(isWhole && (given as CarriedFlow)) };
}
