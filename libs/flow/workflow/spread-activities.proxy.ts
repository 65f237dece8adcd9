import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { areCountsOf } from '#libs/core/flow/spread/tally.js';
import { isObject } from '#libs/entity/protocol/message-shapes.js';
import { HEARTBEAT_TIMEOUT, insist } from '#libs/entity/workflow/entity-activities.proxy.js';
import {
  type ItemList,
  type LeafActivities,
  type LeafRequest,
  type LeafResult,
  leavesQueueOf,
  type Manifest,
  type UnsettledRequest,
} from '#libs/flow/protocol/spread-messages.js';

/** A leaf returns after 30 s, and then has this long for what is under way. */
const LONGEST_LEAF = 90_000;

function activities() {
  return proxyActivities<LeafActivities>({
    taskQueue: leavesQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: LONGEST_LEAF,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
    // A leaf that is cancelled returns what it has done.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}

/** Runs a leaf. Rejects only if its scope is cancelled before an attempt could return anything. */
export function runLeaf(request: LeafRequest): Promise<LeafResult> {
  return insist(() => activities().runLeaf(request), isResultOf(request));
}

/** Writes down where outcomes are. It is so short that it is not cancelled. */
export function keepManifest(stream: string, { kind, of }: Manifest): Promise<BlobRef> {
  const keep = () => activities().keepManifest({ stream, kind, of });
  return CancellationScope.nonCancellable(() => insist(keep, isBlobRef));
}

/** Lists the items that have failed or are left. */
export function listUnsettled(request: UnsettledRequest): Promise<ItemList> {
  const isList = (value: unknown): boolean =>
    isObject(value) && isBlobRef(value['list']) && Number.isSafeInteger(value['count']);
  return CancellationScope.nonCancellable(() => insist(() => activities().listUnsettled(request), isList));
}

/** Anyone may complete an activity with any result. */
function isResultOf({ range }: LeafRequest) {
  return (value: unknown): value is LeafResult => {
    const { from, upTo, segments } = isObject(value) ? value : {};
    if (from !== range.from || !Number.isSafeInteger(upTo) || Number(upTo) > range.to) return false;
    return Array.isArray(segments) && segments.every(isBlobRef) && areCountsOf(value, Number(upTo) - from);
  };
}

function isBlobRef(value: unknown): value is BlobRef {
  const { owner, hash, bytes } = isObject(value) ? value : {};
  return typeof owner === 'string' && typeof hash === 'string' && Number.isSafeInteger(bytes);
}
