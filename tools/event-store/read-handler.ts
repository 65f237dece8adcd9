import { status as grpc, type ServerWritableStream } from '@grpc/grpc-js';
import { writeAll } from './back-pressure.js';
import type { EventLog } from './event-log.js';
import { eventResponse, type ResolvedEvent } from './event-response.js';
import { type MessagePack, toPacks } from './message-pack.js';
import { resolveLinks, unresolved } from './link-resolver.js';
import type { Page, Scanned } from './log-reader.js';
import { assertNotProjected } from './projected-stream.js';
import type { streams } from './protocol.js';
import type { ReadQuery } from './read-query.js';
import { RequestError, StreamDeletedError } from './request.errors.js';
import { LAST_REVISION, POSITION_STEP, type StoredEvent } from './stored-event.js';
import { isMissing, visibleRange } from './stream-state.js';
import { streamNotFoundResponse } from './wire.js';

/** The response to a read: a message, or several encoded ones. */
export type ReadMessage = InstanceType<typeof streams.ReadResp> | MessagePack;
export type ReadCall = ServerWritableStream<InstanceType<typeof streams.ReadReq>, ReadMessage>;

/**
 * A small page: while the server reads and encodes a page it sends nothing, and 64 kB keep the
 * client busy.
 */
const PAGE = 64n;
/** The targets of links may be large. */
const LINKS_AT_ONCE = 16;
/** A filter excludes most events. */
const FILTERED_PAGE = 500n;

/** Answers a read page by page. The next page is fetched when the client has taken the last one. */
export async function answerRead(call: ReadCall, log: EventLog, query: ReadQuery): Promise<void> {
  const pages =
    query.stream === undefined ? allPages(log, query) : await streamPages(call, log, query, query.stream);
  for await (const page of pages) {
    if (!(await sendEvents(call, log, query, page))) return;
  }
  call.end();
}

/**
 * Sends events, with the targets of links if requested. Returns false if the client has
 * disconnected.
 */
export async function sendEvents(
  call: ReadCall,
  log: EventLog,
  { resolvesLinks, idForm }: ReadQuery,
  events: readonly StoredEvent[],
): Promise<boolean> {
  const send = (resolved: readonly ResolvedEvent[]): Promise<boolean> =>
    writeAll(call, toPacks(resolved.map((event) => eventResponse(event, idForm))));
  if (!resolvesLinks) return send(events.map(unresolved));
  for (let first = 0; first < events.length; first += LINKS_AT_ONCE) {
    if (!(await send(await resolveLinks(log, events.slice(first, first + LINKS_AT_ONCE))))) return false;
  }
  return true;
}

/**
 * Throws if the position in `$all` is not that of an event. A position beyond the end may become
 * one.
 */
export function assertPosition(position: bigint, head: bigint): void {
  if (position <= head && position % POSITION_STEP !== 0n) {
    throw new RequestError(grpc.UNKNOWN, `no event has position ${position}`);
  }
}

async function streamPages(
  call: ReadCall,
  log: EventLog,
  query: ReadQuery,
  stream: string,
): Promise<AsyncIterable<readonly StoredEvent[]>> {
  const view = await log.view(stream);
  if (view.isTombstoned) throw new StreamDeletedError(stream);
  assertNotProjected(stream, view);
  if (isMissing(view)) {
    await writeAll(call, [streamNotFoundResponse(stream)]);
    return noPages();
  }
  const { isBackwards } = query;
  const { from: lowest, createdFrom } = visibleRange(view, Date.now());
  const first = query.from === 'start' ? 0n : query.from === 'end' ? LAST_REVISION : query.from;
  const read = (from: bigint, limit: number) =>
    log.reader.stream({ stream, from, isBackwards, limit, lowest, createdFrom });
  const next = ({ revision }: StoredEvent): bigint => (isBackwards ? revision - 1n : revision + 1n);
  return untilTombstone(stream, pages({ limit: query.limit, size: PAGE }, first, read, next));
}

async function* allPages(log: EventLog, query: ReadQuery): AsyncIterable<readonly StoredEvent[]> {
  const { isBackwards, filter } = query;
  const { head } = log;
  if (typeof query.from === 'bigint') assertPosition(query.from, head);
  const first = query.from === 'start' ? 0n : query.from === 'end' ? head + 1n : query.from;
  const read = (from: bigint, limit: number) => log.reader.all({ from, head, isBackwards, limit, filter });
  const next = ({ position }: Scanned) => (isBackwards ? position : position + 1n);
  const size = filter ? FILTERED_PAGE : PAGE;
  let left = query.limit;
  // A page may contain more events that the filter excludes than the limit allows.
  for await (const page of pages({ limit: filter ? LAST_REVISION : left, size }, first, read, next)) {
    const events = page.flatMap(({ event }) => event ?? []).slice(0, Number(min(left, size)));
    yield events;
    left -= BigInt(events.length);
    if (left === 0n) return;
  }
}

/** Reads the next page while the current one is sent. */
async function* pages<Item>(
  { limit, size }: { limit: bigint; size: bigint },
  first: bigint,
  read: (from: bigint, limit: number) => Promise<Page<Item>>,
  next: (last: Item) => bigint,
): AsyncIterable<readonly Item[]> {
  let left = limit;
  const readNext = (from: bigint): Promise<Page<Item>> | undefined =>
    left > 0n && from >= 0n && from <= LAST_REVISION ? read(from, Number(min(left, size))) : undefined;
  let reading = readNext(first);
  while (reading) {
    const { items, isEnd } = await reading;
    const last = items.at(-1);
    left -= BigInt(items.length);
    reading = isEnd || last === undefined ? undefined : readNext(next(last));
    reading?.catch(() => undefined); // awaited after this page is sent
    yield items;
  }
}

/** The events of a stream before its tombstone. Fewer than given if it has one. */
export function beforeTombstone(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const end = events.findIndex(({ revision }) => revision === LAST_REVISION);
  return end < 0 ? events : events.slice(0, end);
}

/** A stream may be tombstoned during a read. */
async function* untilTombstone(
  stream: string,
  pages: AsyncIterable<readonly StoredEvent[]>,
): AsyncIterable<readonly StoredEvent[]> {
  for await (const page of pages) {
    const events = beforeTombstone(page);
    yield events;
    if (events.length < page.length) throw new StreamDeletedError(stream);
  }
}

async function* noPages(): AsyncIterable<never> {
  // There is nothing to read.
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
