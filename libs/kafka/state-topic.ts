import { stateTopic } from '#contracts/entity-contract.js';
import { LARGEST_BATCH_BYTES, PARTITIONS } from './event-topic.js';
import type { TopicSpec } from './kafka.js';

/**
 * The topic for the states of a category. The broker keeps the latest state of each entity
 * permanently.
 */
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
