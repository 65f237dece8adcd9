import { randomUUID } from 'node:crypto';
import { writeAll } from './back-pressure.js';
import type { Bell } from './bell.js';
import type { EventLog } from './event-log.js';
import { assertPosition, type ReadCall } from './read-handler.js';
import type { ReadQuery } from './read-query.js';
import { AllSource, StreamSource, type SubscriptionSource } from './subscription-source.js';
import { caughtUpResponse, confirmationResponse, fellBehindResponse } from './wire.js';

/**
 * Answers a subscription. Each page is read from the log when the client has taken the one before,
 * so a slow client lags and costs no memory. A live client is notified when it falls behind, and
 * when it has caught up again.
 */
export async function answerSubscription(call: ReadCall, log: EventLog, query: ReadQuery): Promise<void> {
  if (query.stream === undefined && typeof query.from === 'bigint') assertPosition(query.from, log.head);
  const gone = new AbortController();
  // From here on, no write is missed.
  const bell = log.listen(query.stream);
  const leave = (): void => {
    gone.abort();
    bell.ring();
  };
  for (const event of ['cancelled', 'close', 'error']) call.once(event, leave);
  try {
    const source =
      query.stream === undefined
        ? new AllSource(call, log, query)
        : await StreamSource.open(call, log, query, query.stream);
    await writeAll(call, [confirmationResponse(randomUUID())]);
    await follow(call, source, bell, gone.signal);
  } finally {
    log.hangUp(query.stream, bell);
  }
}

async function follow(
  call: ReadCall,
  source: SubscriptionSource,
  bell: Bell,
  gone: AbortSignal,
): Promise<void> {
  let isLive = false;
  while (!gone.aborted) {
    const progress = await source.sendNext(isLive);
    if (progress === 'gone') return;
    const isAtEnd = progress === 'end';
    if (isAtEnd !== isLive) {
      isLive = isAtEnd;
      if (!(await writeAll(call, [isLive ? caughtUpResponse() : fellBehindResponse()]))) return;
    }
    if (isAtEnd) await bell.next();
  }
}
