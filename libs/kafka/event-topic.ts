import { eventsTopic } from '#contracts/entity-contract.js';
import type { TopicSpec } from './kafka.js';

/** Of every topic of ours, fixed for ever: more of them would move keys to other ones and break their order. */
export const PARTITIONS = 12;

/** An append to the store takes 1 MiB; with its headers an event may be a little larger on the topic. */
export const LARGEST_BATCH_BYTES = 4 * 1024 * 1024;

/** The topic of a category's events: it keeps everything, for read models are rebuilt from it. */
export function eventTopicSpec(category: string): TopicSpec {
  return {
    name: eventsTopic(category),
    partitions: PARTITIONS,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      // A broker refuses records whose own time is an hour ahead of its clock: one wrong clock would stop the relay.
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(LARGEST_BATCH_BYTES),
    },
  };
}
