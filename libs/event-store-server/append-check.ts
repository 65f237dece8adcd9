import type { AppendRequest, AppendResult } from './stored-event.js';

/** Where a stream stands. */
export interface StreamHead {
  /** -1 when there is no event. */
  readonly revision: bigint;
}

/** Looks at the events of the stream, as ids by revision. */
export interface EarlierEvents {
  /** Ids of the `count` events from `revision` on; fewer where the stream ends. */
  idsFrom(revision: bigint, count: number): Promise<readonly string[]>;
  /** The last revision that an event id stands at. */
  lastRevisionOf(id: string): Promise<bigint | undefined>;
  positionOf(revision: bigint): Promise<bigint | undefined>;
}

/**
 * Decides an append against the stream: the result of a conflict or of a repeat, or `write`. A repeat is recognised where
 * the expected revision points, by ids alone, and only as a whole.
 */
export async function checkAppend(
  { expected, events }: AppendRequest,
  head: StreamHead,
  earlier: EarlierEvents,
): Promise<AppendResult | 'write'> {
  const conflict: AppendResult = {
    kind: 'conflict',
    expected,
    actual: head.revision < 0n ? undefined : head.revision,
  };
  if (events.length === 0) return checkEmpty(conflict, head);
  const isMissing = head.revision < 0n;
  if (expected === 'any' || expected === 'stream_exists') {
    if (expected === 'stream_exists' && isMissing) return conflict;
    return (await repeatAnywhere(events, earlier)) ?? 'write';
  }
  const from = expected === 'no_stream' ? 0n : expected + 1n;
  if (from === head.revision + 1n) return 'write';
  if (from > head.revision + 1n) return conflict;
  return (await repeatFrom(from, events, earlier)) ?? conflict;
}

/** The quirk of the real one: nothing to write is answered with revision 0 where the expectation holds. */
function checkEmpty(conflict: Extract<AppendResult, { kind: 'conflict' }>, head: StreamHead): AppendResult {
  const { expected } = conflict;
  const holds =
    expected === 'any' ||
    (expected === 'no_stream'
      ? head.revision < 0n
      : expected === 'stream_exists'
        ? head.revision >= 0n
        : expected === head.revision);
  return holds ? { kind: 'appended', revision: 0n, position: undefined } : conflict;
}

type Ids = readonly { readonly id: string }[];

async function repeatFrom(
  from: bigint,
  events: Ids,
  earlier: EarlierEvents,
): Promise<AppendResult | undefined> {
  const ids = await earlier.idsFrom(from, events.length);
  if (ids.length < events.length || ids.some((id, index) => id !== events[index]?.id)) return undefined;
  const revision = from + BigInt(events.length) - 1n;
  return { kind: 'appended', revision, position: await earlier.positionOf(revision) };
}

async function repeatAnywhere(events: Ids, earlier: EarlierEvents): Promise<AppendResult | undefined> {
  const first = await earlier.lastRevisionOf(events[0]?.id ?? '');
  return first === undefined ? undefined : repeatFrom(first, events, earlier);
}
