import type { BlobRef } from '../../blob-ref.js';
import type { Json, JsonObject } from '../../json.js';
import type { Timestamp } from '../../timestamp.js';
import type { Duration } from '../duration.js';

/**
 * The items of a spread, which never travel themselves. Without `items`, an item is only its number
 * from 0, and the leaf knows what it stands for. Else `items` has their contents one after another,
 * and `index` where each of them begins (`writeItems` in `libs/flow/activities`).
 */
export type SpreadSource = {
  readonly count: number;
  readonly items?: BlobRef;
  readonly index?: BlobRef;
};

/**
 * A kind of leaf: its name and, in its type, what all its items share and what they add up to.
 * Define it in PURE code: the flow, the workflow of the tree and the process of the leaves use it.
 */
export interface LeafKind<Data extends object = object, Value extends Json = Json> {
  readonly name: string;
  /**
   * Combines the values of two parts, of which the second follows the first. Must be associative,
   * and give the same for equal values. After a pause, or when failed items are retried, parts come
   * in another order. Without it, values are dropped.
   */
  readonly merge?: (a: Value, b: Value) => Value;
  /** Never set; it only carries the types. */
  readonly types?: { readonly data: Data; readonly value: Value };
}

/** Defines a kind of leaf. */
export function leafKind<Data extends object = object, Value extends Json = Json>(
  name: string,
  { merge }: Pick<LeafKind<Data, Value>, 'merge'> = {},
): LeafKind<Data, Value> {
  return { name, ...(merge && { merge }) };
}

export interface SpreadOptions<Data extends object, Value extends Json> {
  readonly leaf: LeafKind<Data, Value>;
  /** What all items share: a few kilobytes at most. */
  readonly data?: Data;
  /** How many items a leaf handles: 1 to 1,000 (default 500). */
  readonly itemsPerLeaf?: number;
  /** How many leaves are under way at a time: 1 to 400 (default 16). */
  readonly leaves?: number;
  /** How many items are handled in a second, by all leaves together. Default: without limit. */
  readonly perSecond?: number;
  /** The share of the items that may fail, from 0 to 1 (default 1). Beyond it, the spread stops. */
  readonly tolerance?: number;
  /** How long it waits for `RetryFailed` if items have failed or are left. Default: not at all. */
  readonly retryFor?: Duration;
  /** Told how far it is. Default: the flow's own progress, which then is a `SpreadProgress`. */
  readonly report?: (progress: SpreadProgress) => void;
}

/** Items by their outcome. Each item is one of these, or left. */
export type SpreadCounts = {
  readonly done: number;
  readonly rejected: number;
  readonly failed: number;
};

/**
 * `stopped`: more items have failed than is tolerated; `waiting`: items have failed or are left,
 * and may be retried. In both, it waits for `RetryFailed` or `Finish`.
 */
export type SpreadPhase = 'running' | 'paused' | 'stopped' | 'waiting' | 'ended';

/** How far a spread is. done + rejected + failed + left = planned. */
export type SpreadProgress = SpreadCounts & {
  readonly phase: SpreadPhase;
  readonly planned: number;
  readonly left: number;
  readonly startedAt: Timestamp;
  /** The outcomes of the parts that have ended so far. */
  readonly manifest?: BlobRef;
};

/** What became of all items. done + rejected + failed + left = planned. */
export type SpreadResult<Value extends Json = Json> = SpreadCounts & {
  readonly planned: number;
  /** Items that were not handled, because it was stopped. */
  readonly left: number;
  /** The values of all parts, merged. Absent if there is none. */
  readonly value?: Value;
  /** The outcomes, as blobs. Absent if nothing was handled. */
  readonly manifest?: BlobRef;
};

/** What a host needs to carry a spread. */
export interface SpreadRequest {
  readonly place: string;
  readonly leaf: string;
  readonly source: SpreadSource;
  readonly data: JsonObject;
  readonly itemsPerLeaf: number;
  readonly leaves: number;
  readonly perSecond?: number;
  readonly tolerance: number;
  /** In milliseconds. */
  readonly retryFor: number;
}

/** What a spread is told while it runs. `n` orders orders. */
export type SpreadOrder = {
  readonly order: 'pause' | 'resume' | 'retry' | 'finish' | 'stop';
  readonly n: number;
};
