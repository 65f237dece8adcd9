import type { Json, JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { FlowAsker, FlowFailure, FlowParent, Wait } from './flow.messages.js';

/**
 * `running`: the function is executed; `cancelling`: it was asked to stop and compensates; `lost`:
 * its execution is gone, and it waits to be restarted or cancelled. The others are final.
 */
export type FlowStatus = 'running' | 'cancelling' | 'lost' | 'completed' | 'failed' | 'cancelled';

/** The state of a flow, as its stream tells it; `status` is absent until it is started. */
export interface FlowState {
  readonly status?: FlowStatus;
  readonly input?: JsonObject;
  /** The execution that runs the function. Only its milestones are accepted. */
  readonly execution?: string;
  /** The execution that began the flow. It stays the same when the flow is restarted. */
  readonly seed?: string;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  /** How many messages and ends of children and callbacks it has received, and their size. */
  readonly received: number;
  readonly receivedBytes: number;
  readonly waits: readonly Wait[];
  /**
   * When sleeps and time-outs of messages and callbacks end, by their place, so that a restarted
   * flow does not wait longer. Bounded: those that end last are kept.
   */
  readonly timers: Readonly<Record<string, Timestamp>>;
  readonly progress?: Json;
  readonly result?: JsonObject;
  readonly failure?: FlowFailure;
  readonly cancelReason?: string;
  /** Compensations that failed and wait for a person. */
  readonly stuck: readonly (FlowFailure & { readonly name: string; readonly since: Timestamp })[];
  readonly parent?: FlowParent;
  readonly asker?: FlowAsker;
  /**
   * The caller that started it, and owns it. Absent if another entity did, or older code started
   * it.
   */
  readonly startedBy?: string;
}

export const notStartedFlow: FlowState = { received: 0, receivedBytes: 0, waits: [], timers: {}, stuck: [] };

/** The open wait that ends first: the first of all if none has an end. */
export function firstWaitOf({ waits }: Pick<FlowState, 'waits'>): Wait | undefined {
  const [first] = waits.toSorted(({ until: a = '~' }, { until: b = '~' }) => (a < b ? -1 : a > b ? 1 : 0));
  return first;
}

/** Whether the function is executed, or should be. */
export function isOpenFlow({ status }: Pick<FlowState, 'status'>): boolean {
  return status === 'running' || status === 'cancelling';
}
