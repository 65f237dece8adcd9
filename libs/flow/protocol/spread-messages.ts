import { derivedUuid } from '#libs/core/flow/derived.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type { Range } from '#libs/core/flow/spread/ranges.js';
import type { SpreadCounts, SpreadRequest } from '#libs/core/flow/spread/spread.js';
import type { Json } from '#libs/core/json.js';
import { undividedQueueOf } from '#libs/entity/protocol/task-queues.js';
import type { Trace } from './flow-activities.js';

/** The type of the workflows of a tree: its root, and the nodes between it and the leaves. */
export const SPREAD_TYPE = 'spread';
/** Signals. */
export const SPREAD_ORDER = 'spreadOrder';
export const SPREAD_REPORT = 'spreadReport';

/** The signal by which a root tells its flow how far it is. */
export function reportsOf(place: string): string {
  return `${SPREAD_REPORT} ${place}`;
}

/** The task queue of the leaves of the flows on a task queue. */
export function leavesQueueOf(taskQueue: string): string {
  return `${undividedQueueOf(taskQueue)}-leaves`;
}

/** Temporal accepts ids of 1,000 bytes. */
const LONGEST_PLACE = 600;

/** The id of the workflow at a place of a flow. */
export function spreadIdOf(place: string): string {
  if (place.length <= LONGEST_PLACE) return place;
  return `${place.slice(0, LONGEST_PLACE)}~${derivedUuid(place)}`;
}

/** What the whole tree knows. */
export interface Tree {
  /** The place of the spread in its flow. The keys of its items are made from it. */
  readonly place: string;
  /** The stream of the flow, which owns the blobs. */
  readonly stream: string;
  readonly leaf: string;
  readonly source: SpreadRequest['source'];
  readonly data: SpreadRequest['data'];
  readonly itemsPerLeaf: number;
  readonly trace: Trace;
  /** In a pass over chosen items: their numbers. Positions of ranges are in this list. */
  readonly list?: BlobRef;
}

/** The input of the root of a tree. */
export interface RootInput {
  readonly tree: Tree;
  readonly leaves: number;
  readonly perSecond?: number;
  readonly tolerance: number;
  readonly retryFor: number;
  /** What the run before has handed over. */
  readonly carried?: CarriedSpread;
}

/** What is known between two waves. */
export interface CarriedSpread {
  readonly startedAt: number;
  /** Items of earlier passes that are done or rejected, */
  readonly settled: SpreadCounts;
  /** and those of this pass. */
  readonly counts: SpreadCounts;
  /** Which pass this is, from 1, and how many items it is about. */
  readonly pass: number;
  readonly planned: number;
  readonly left: readonly Range[];
  readonly list?: BlobRef;
  readonly value?: Json;
  /** The outcomes of earlier passes, and of this one. */
  readonly before: readonly BlobRef[];
  readonly manifests: readonly BlobRef[];
  /** The number of the last order about pausing, and whether it is to pause. */
  readonly paused: { readonly n: number; readonly is: boolean };
  /** Whether it was told to retry, or not to wait for that, and has not done so yet. */
  readonly isRetryAsked: boolean;
  readonly isFinished: boolean;
}

/** The input of a node. */
export interface NodeInput {
  readonly tree: Tree;
  readonly node: Range;
  /** Leaves under way at a time, */
  readonly leaves: number;
  /** the items that one of them may handle in a second, */
  readonly perSecond?: number;
  /** and how many may fail before the node stops. */
  readonly mayFail: number;
  /** How often it tells how far it is. */
  readonly reports: number;
}

/** What a node has come to. Counts and `rest` together are its range. */
export interface NodeResult extends SpreadCounts {
  readonly rest: readonly Range[];
  readonly manifest?: BlobRef;
  readonly value?: Json;
}

/** What a node has handled so far. */
export interface NodeReport extends SpreadCounts {
  /** Where its range begins. */
  readonly from: number;
}

/** A leaf: the items at these positions. */
export interface LeafRequest {
  readonly tree: Tree;
  readonly range: Range;
  readonly perSecond?: number;
}

/** What a leaf has handled: from the beginning of its range, without gaps. */
export interface LeafResult extends SpreadCounts {
  readonly from: number;
  readonly upTo: number;
  readonly segments: readonly BlobRef[];
  readonly value?: Json;
}

/** What is written down about one part of a tree: segments of outcomes, or such parts. */
export interface Manifest {
  readonly kind: 'segments' | 'manifests' | 'passes';
  readonly of: readonly BlobRef[];
}

/** Which items a pass has not settled. */
export interface UnsettledRequest {
  readonly tree: Tree;
  readonly manifests: readonly BlobRef[];
  readonly left: readonly Range[];
}

/** The numbers of items, in order, as a list that a pass can be about. */
export interface ItemList {
  readonly list: BlobRef;
  readonly count: number;
}

/** The activities of a tree. All may run any number of times. */
export interface LeafActivities {
  /**
   * Handles items until the end of the range, or until it is cancelled or out of time. An attempt
   * continues where the last heartbeat of the one before says.
   */
  runLeaf(request: LeafRequest): Promise<LeafResult>;
  keepManifest(request: { readonly stream: string } & Manifest): Promise<BlobRef>;
  listUnsettled(request: UnsettledRequest): Promise<ItemList>;
}
