import { NO_REVISION } from './stored-event.js';
import type { StreamView } from './stream-state.js';
import type {
  AppendRequest,
  Conflict,
  DeleteRequest,
  Expected,
  WriteResult,
  Written,
} from './write-request.js';

/** Access to the events of the stream, as ids by revision. */
export interface EarlierEvents {
  /** Ids and positions of the `count` events from `revision` on, or fewer if the stream ends. */
  from(revision: bigint, count: number): Promise<readonly { id: string; position: bigint }[]>;
  /**
   * The last revision with this event id. Returns undefined without a lookup where none is needed.
   */
  lastRevisionOf(id: string): Promise<bigint | undefined> | undefined;
}

type Decision = WriteResult | 'write';

/**
 * Decides an append to the stream: a conflict, a duplicate, or `write`. A duplicate is recognised
 * at the expected revision, by ids alone, and only as a whole. Most appends need no earlier events,
 * and are decided synchronously.
 */
export function checkAppend(
  { expected, events }: AppendRequest,
  stream: StreamView,
  earlier: EarlierEvents,
): Decision | Promise<Decision> {
  if (isRefused(expected, stream)) return { kind: 'deleted' };
  const conflict = conflictOf(expected, stream);
  if (events.length === 0) return holds(expected, stream) ? NOTHING_WRITTEN : conflict;
  if (expected === 'any' || expected === 'stream_exists') {
    if (!holds(expected, stream)) return conflict;
    const last = earlier.lastRevisionOf(events[0]?.id ?? '');
    return last ? repeatAnywhere(last, events, earlier) : 'write';
  }
  if (holds(expected, stream)) return 'write';
  const from = expected === 'no_stream' ? 0n : expected + 1n;
  if (from > stream.revision) return conflict;
  const mayBegin = expected === 'no_stream' && stream.isDeleted;
  return repeatFrom(from, events, earlier).then(
    (repeat) => repeat ?? (mayBegin ? beginAgain(events, earlier, conflict) : conflict),
  );
}

/**
 * Decides a deletion. A stream without events and metadata cannot be deleted, but can be
 * tombstoned.
 */
export function checkDelete({ kind, expected }: DeleteRequest, stream: StreamView): WriteResult | 'write' {
  if (isRefused(expected, stream)) return { kind: 'deleted' };
  const isExpected = holds(expected, stream) || (expected === 'no_stream' && stream.isDeleted);
  const isThere = stream.revision > NO_REVISION || stream.hasMetadata;
  return isExpected && (kind === 'tombstone' || isThere) ? 'write' : conflictOf(expected, stream);
}

/** A quirk of the real server: an append of no events is answered with revision 0. */
const NOTHING_WRITTEN: Written = { kind: 'written', revision: 0n, position: undefined };

const isRefused = (expected: Expected, { isTombstoned, isDeleted }: StreamView): boolean =>
  isTombstoned || (expected === 'stream_exists' && isDeleted);

function holds(expected: Expected, { revision, hasMetadata }: StreamView): boolean {
  if (expected === 'any') return true;
  if (expected === 'stream_exists') return revision > NO_REVISION || hasMetadata;
  return revision === (expected === 'no_stream' ? NO_REVISION : expected);
}

const conflictOf = (expected: Expected, { revision }: StreamView): Conflict => ({
  kind: 'conflict',
  expected,
  actual: revision === NO_REVISION ? undefined : revision,
});

type Known = readonly { readonly id: string; readonly position: bigint }[];
type Ids = readonly { readonly id: string }[];

async function repeatAnywhere(
  lastRevision: Promise<bigint | undefined>,
  events: Ids,
  earlier: EarlierEvents,
): Promise<Decision> {
  const from = await lastRevision;
  return from === undefined ? 'write' : ((await repeatFrom(from, events, earlier)) ?? 'write');
}

async function repeatFrom(
  from: bigint,
  events: Ids,
  earlier: EarlierEvents,
): Promise<WriteResult | undefined> {
  const known = await earlier.from(from, events.length);
  return isSame(known, events) ? toRepeat(from, known) : undefined;
}

/** A deleted stream starts again, unless the append partly repeats its first one. */
async function beginAgain(events: Ids, earlier: EarlierEvents, conflict: Conflict): Promise<Decision> {
  const [first] = await earlier.from(0n, 1);
  return first?.id === events[0]?.id ? conflict : 'write';
}

const isSame = (known: Known, events: Ids): boolean =>
  known.length === events.length && known.every(({ id }, index) => id === events[index]?.id);

const toRepeat = (from: bigint, known: Known): Written => ({
  kind: 'written',
  revision: from + BigInt(known.length) - 1n,
  position: known.at(-1)?.position,
});
