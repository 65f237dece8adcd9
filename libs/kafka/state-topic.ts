import { stateTopic } from '#contracts/entity-contract.js';
import { LARGEST_BATCH_BYTES, PARTITIONS } from './event-topic.js';
import type { TopicSpec } from './kafka.js';

/** The topic of a category's states: of each entity the broker keeps the latest one for ever. */
export function stateTopicSpec(category: string): TopicSpec {
  return {
    name: stateTopic(category),
    partitions: PARTITIONS,
    settings: {
      'cleanup.policy': 'compact',
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(LARGEST_BATCH_BYTES),
    },
  };
}
