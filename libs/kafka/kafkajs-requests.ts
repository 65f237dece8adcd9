import type { Message, TopicMessages as TopicMessagesOfKafkaJs } from 'kafkajs';
import type { OutgoingMessage, TopicMessages } from './kafka.js';

/** Half of what a partition takes at once: all of a request may fall into one, and headers come on top. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

/** The messages in as few requests as the broker takes, in order; a topic without messages is in none. */
export function toRequests(writes: readonly TopicMessages[]): TopicMessagesOfKafkaJs[][] {
  const requests: TopicMessagesOfKafkaJs[][] = [];
  let bytes = MAX_REQUEST_BYTES;
  for (const { topic, messages } of writes) {
    let begun: Message[] | undefined;
    for (const message of messages) {
      const size = sizeOf(message);
      if (bytes + size > MAX_REQUEST_BYTES) {
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

function sizeOf({ key, value }: OutgoingMessage): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}
