import type { OutgoingMessage, RawRecord, TopicMessages } from './kafka.js';
import { sizeOf } from './message-size.js';

/**
 * Groups the messages into as few requests as possible within the size limit, in order. A topic
 * without messages is in no request. A message above the limit gets a request of its own.
 */
export function toRequests<Message extends OutgoingMessage | RawRecord>(
  writes: readonly TopicMessages<Message>[],
  maxBytes: number,
): { topic: string; messages: Message[] }[][] {
  const requests: { topic: string; messages: Message[] }[][] = [];
  let bytes = maxBytes;
  for (const { topic, messages } of writes) {
    let begun: Message[] | undefined;
    for (const message of messages) {
      const size = sizeOf(message);
      if (bytes + size > maxBytes) {
        requests.push([]);
        begun = undefined;
        bytes = 0;
      }
      bytes += size;
      if (begun) begun.push(message);
      else requests.at(-1)?.push({ topic, messages: (begun = [message]) });
    }
  }
  return requests;
}
