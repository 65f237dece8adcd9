import type { LeafKind } from '#libs/core/flow/spread/spread.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Trace } from '#libs/flow/protocol/flow-activities.js';

/** One item of a spread. */
export interface LeafItem {
  /** Its number in the source, from 0. */
  readonly index: number;
  /** A UUID, the same whenever the item is handled: the idempotency key of what it causes. */
  readonly key: string;
  /** Its content, if the source has one. */
  readonly content?: Uint8Array;
}

/**
 * What became of an item. `value` is merged; `record` is written to the results. `failed` may be
 * retried, `rejected` is final.
 */
export type ItemOutcome<Value extends Json = Json> =
  | { readonly outcome: 'done'; readonly value?: Value; readonly record?: JsonObject }
  | {
      readonly outcome: 'rejected' | 'failed';
      readonly code: string;
      readonly detail: string;
      readonly record?: JsonObject;
    };

/** What all items of a leaf share. */
export interface LeafContext<Data extends object = object> {
  /** The stream of the flow. */
  readonly stream: string;
  readonly data: Data;
  readonly trace: Trace;
  /** Sends commands to entities. */
  readonly door: Pick<CommandDoor, 'execute'>;
  /** Reads the events of entities. */
  readonly store: Pick<EventStore, 'read'>;
  /** Aborted if the attempt has to end early. What is handed over by then is still handled. */
  readonly signal: AbortSignal;
}

/**
 * Handles some items that follow one another, and says in the same order what became of each. May
 * run any number of times for the same items, and also twice at a time, and must give the same
 * outcomes. If it throws, it is tried again, and in the end all of its items have failed.
 */
export type RunLeaf<Data extends object, Value extends Json> = (
  items: readonly LeafItem[],
  context: LeafContext<Data>,
) => Promise<readonly ItemOutcome<Value>[]>;

/** How a process runs the leaves of a kind. */
export interface Leaf<Data extends object = object, Value extends Json = Json> {
  readonly kind: LeafKind<Data, Value>;
  /** How many items are handed over at a time (default 1). */
  readonly batch?: number;
  readonly run: RunLeaf<Data, Value>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- of any kind
export type AnyLeaf = Leaf<any, any>;

/** Declares how a process runs the leaves of a kind. */
export function leaf<Data extends object, Value extends Json>(
  kind: LeafKind<Data, Value>,
  run: RunLeaf<Data, Value>,
  { batch = 1 }: Pick<Leaf, 'batch'> = {},
): Leaf<Data, Value> {
  return { kind, run, batch };
}
