import type { OutgoingMessage, RawRecord, TopicMessages } from './kafka.js';
import { sizeOf } from './message-size.js';

/**
 * The messages in as few requests as there may be with so many bytes each, in order; a topic without messages is in none. One
 * that is larger by itself is alone in its request.
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
