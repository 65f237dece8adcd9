import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { Duration } from './duration.js';
import type { CallPolicy } from './flow.js';

export interface ReceiveOptions {
  readonly timeout?: Duration;
}

export interface SpawnOptions {
  /** What happens to the child when this flow ends first: it is cancelled (default), or left. */
  readonly onEnd?: 'cancel' | 'leave';
}

export interface EachOptions<Item> {
  /** The name of an item, unique among them. */
  readonly key: (item: Item, index: number) => string;
  /** How many run at a time: 1 to 100, by default 20. */
  readonly limit?: number;
}

export interface CallbackOptions {
  /** How long the address is open. */
  readonly timeout: Duration;
  /** The longest time between two reports of progress; at least two seconds. Default: any. */
  readonly heartbeat?: Duration;
}

/** An address that a flow has handed out. Anyone who knows it may report. */
export interface CallbackAddress {
  /**
   * Stands for the address in the data of calls: the address itself, with its token, exists only in
   * the request of the call. It means nothing anywhere else.
   */
  readonly url: string;
  readonly until: Timestamp;
  /**
   * Waits for the end, and returns what it was completed with. Throws `CallbackFailed` with the
   * reason that was reported, and `CallbackSilent` if no progress or no end was reported in time. A
   * branch passes its own `f`, so that its wait ends when the branch is cancelled.
   */
  result(f?: { readonly id: string; readonly startedAt: Timestamp }): Promise<JsonObject>;
}

export interface CallOptions extends Omit<CallPolicy, 'types'> {
  /** The idempotency key, if it is not to be made from the place of the call. */
  readonly key?: string;
}
