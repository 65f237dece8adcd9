import { randomUUID } from 'node:crypto';
import { writeOrWait } from './back-pressure.js';
import type { EventLog } from './event-log.js';
import type { ReadCall } from './read-handler.js';
import type { ReadQuery } from './read-query.js';
import { caughtUpResponse, checkpointResponse, confirmationResponse, eventResponse } from './wire.js';

const PAGE = 500;

/**
 * Answers a subscription: every page is read from the log when the client has taken the one before, so a slow client is
 * simply behind and costs no memory. A live one is woken by the writer.
 */
export async function answerSubscription(call: ReadCall, log: EventLog, query: ReadQuery): Promise<void> {
  const gone = new AbortController();
  for (const event of ['cancelled', 'close', 'error']) call.once(event, () => gone.abort());
  if (!(await writeOrWait(call, confirmationResponse(randomUUID())))) return;
  await (query.stream === undefined
    ? followAll(call, log, query, gone.signal)
    : followStream(call, log, query, query.stream, gone.signal));
}

async function followAll(call: ReadCall, log: EventLog, query: ReadQuery, gone: AbortSignal): Promise<void> {
  let after = query.from === 'start' ? 0n : query.from === 'end' ? log.head : query.from;
  let isLive = false;
  while (!gone.aborted) {
    const { head } = log;
    const page = await log.reader.all(after + 1n, head, PAGE, false, query.filter);
    for (const event of page) {
      if (!(await writeOrWait(call, eventResponse(event)))) return;
      after = event.position;
    }
    if (page.length === PAGE) continue;
    if (query.filter && head > after) {
      after = head;
      if (!(await writeOrWait(call, checkpointResponse(head)))) return;
    }
    if (!isLive && !(await writeOrWait(call, caughtUpResponse()))) return;
    isLive = true;
    await log.waitBeyond(after > head ? after : head, gone);
  }
}

async function followStream(
  call: ReadCall,
  log: EventLog,
  query: ReadQuery,
  stream: string,
  gone: AbortSignal,
): Promise<void> {
  let next = await firstRevision(log, query, stream);
  let isLive = false;
  while (!gone.aborted) {
    const { head } = log;
    const page = await log.reader.stream(stream, next, PAGE, false);
    for (const event of page) {
      if (!(await writeOrWait(call, eventResponse(event)))) return;
      next = event.revision + 1n;
    }
    if (page.length === PAGE) continue;
    if (!isLive && !(await writeOrWait(call, caughtUpResponse()))) return;
    isLive = true;
    await log.waitBeyond(head, gone);
  }
}

async function firstRevision(log: EventLog, { from }: ReadQuery, stream: string): Promise<bigint> {
  if (from === 'start') return 0n;
  if (from !== 'end') return from + 1n;
  const [last] = await log.reader.stream(stream, 2n ** 63n - 1n, 1, true);
  return last ? last.revision + 1n : 0n;
}
