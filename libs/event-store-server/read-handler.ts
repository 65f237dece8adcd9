import type { ServerWritableStream } from '@grpc/grpc-js';
import { writeOrWait } from './back-pressure.js';
import type { EventLog } from './event-log.js';
import type { streams } from './protocol.js';
import type { ReadQuery } from './read-query.js';
import type { StoredEvent } from './stored-event.js';
import { eventResponse, streamNotFoundResponse } from './wire.js';

export type ReadCall = ServerWritableStream<
  InstanceType<typeof streams.ReadReq>,
  InstanceType<typeof streams.ReadResp>
>;

const PAGE = 500n;
const MAX_REVISION = 2n ** 63n - 1n;

/** Answers a read page by page; the next page is fetched when the client has taken the last one. */
export async function answerRead(call: ReadCall, log: EventLog, query: ReadQuery): Promise<void> {
  if (query.stream !== undefined && !(await log.reader.exists(query.stream))) {
    await writeOrWait(call, streamNotFoundResponse(query.stream));
    call.end();
    return;
  }
  let left = query.limit;
  let from = firstFrom(query, log.head);
  while (left > 0n && from !== undefined) {
    const wanted = left < PAGE ? left : PAGE;
    const page = await readPage(log, query, from, Number(wanted));
    for (const event of page) {
      if (!(await writeOrWait(call, eventResponse(event)))) return;
    }
    left -= BigInt(page.length);
    from = page.length < Number(wanted) ? undefined : nextFrom(query, page.at(-1) as StoredEvent);
  }
  call.end();
}

function firstFrom({ stream, from, isBackwards }: ReadQuery, head: bigint): bigint | undefined {
  if (typeof from === 'bigint') return from;
  if (stream === undefined) return from === 'start' ? 0n : head + 1n;
  if (from === 'start') return 0n;
  return isBackwards ? MAX_REVISION : undefined;
}

function nextFrom({ stream, isBackwards }: ReadQuery, last: StoredEvent): bigint | undefined {
  // Backwards, `$all` is read from before a position, a stream from a revision.
  if (stream === undefined) return isBackwards ? last.position : last.position + 1n;
  if (!isBackwards) return last.revision + 1n;
  return last.revision === 0n ? undefined : last.revision - 1n;
}

function readPage(log: EventLog, query: ReadQuery, from: bigint, limit: number): Promise<StoredEvent[]> {
  const { stream, isBackwards, filter } = query;
  return stream === undefined
    ? log.reader.all(from, log.head, limit, isBackwards, filter)
    : log.reader.stream(stream, from, limit, isBackwards);
}
