import type { FeedOptions } from './client.types.js';
import type { Connection } from './connection.js';
import { type Frame, framesOf } from './event-stream.js';
import { PerdureProblem } from './perdure-problem.js';
import { isPassing, pause, pauseAfter } from './retries.js';

const NO_CONTENT = 204;
/** A feed outlives restarts of its service: its pauses are bounded, its attempts are not. */
const FOREVER = { attempts: Infinity };

/** A message of a feed. */
export interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Follows a feed. Whatever interrupts it, it resumes after the last message. Ends when the server
 * says that there is nothing more, when the signal is aborted, and when the loop that reads it is
 * left. Throws {@link PerdureProblem} if the feed is refused.
 */
export async function* follow(
  connection: Connection,
  path: string,
  { after, signal, onConnection, query }: FeedOptions & { readonly query?: Readonly<Record<string, string>> },
): AsyncGenerator<Message> {
  let lastId: string | undefined;
  const isEnded = () => signal?.aborted === true;
  for (let attempt = 1; !isEnded(); attempt += 1) {
    try {
      const response = await connection.request(path, {
        headers: { accept: 'text/event-stream', 'last-event-id': lastId },
        query: { after, ...query },
        signal,
      });
      if (response.status === NO_CONTENT || !response.body) return;
      onConnection?.(true);
      for await (const frame of framesOf(response.body)) {
        attempt = 1;
        lastId = frame.id ?? lastId;
        const message = messageIn(frame, lastId);
        if (message) yield message;
      }
    } catch (error) {
      if (isEnded()) return;
      if (error instanceof PerdureProblem && error.status !== 0 && !isPassing(error.status)) throw error;
    }
    onConnection?.(false);
    const wait = pauseAfter(attempt, { ...connection.retries, ...FOREVER }) ?? 0;
    await pause(wait, signal).catch(() => undefined);
  }
}

function messageIn({ event = 'message', data }: Frame, id = ''): Message | undefined {
  return data === undefined ? undefined : { id, event, data };
}
