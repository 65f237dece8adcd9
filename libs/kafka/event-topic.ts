import { eventsTopic } from '#contracts/entity-contract.js';
import type { TopicSpec } from './kafka.js';

/**
 * For all our topics, and permanent: more partitions would move keys to other partitions and break
 * their order.
 */
export const PARTITIONS = 12;

/**
 * An append to the store takes up to 1 MiB. With its headers, an event may be a little larger on
 * the topic.
 */
export const LARGEST_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * The topic for the events of a category. It keeps everything, since read models are rebuilt from
 * it.
 */
export function eventTopicSpec(category: string): TopicSpec {
  return {
    name: eventsTopic(category),
    partitions: PARTITIONS,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      // A broker refuses records with a timestamp an hour ahead of its clock, so one wrong clock
      // would stop the relay.
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(LARGEST_BATCH_BYTES),
    },
  };
}
