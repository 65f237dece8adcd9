import { commandsTopic, deadLetterTopic } from '#contracts/entity-contract.js';
import { LARGEST_BATCH_BYTES, PARTITIONS } from '#libs/kafka/event-topic.js';
import type { TopicSpec } from '#libs/kafka/kafka.js';

const DAY_MILLISECONDS = 86_400_000;
/** A service may be off for so long before commands are lost that nobody has taken. */
const COMMANDS_DAYS = 30;
const REPLIES_DAYS = 7;

/** The topics that commands of a category come by, and what is none of them goes to. */
export function commandTopicSpecs(category: string): readonly TopicSpec[] {
  return [
    topic(commandsTopic(category), COMMANDS_DAYS),
    topic(deadLetterTopic(category), COMMANDS_DAYS, {
      // A record with all that is said of it is larger than the record.
      'max.message.bytes': String(LARGEST_BATCH_BYTES),
    }),
  ];
}

/** A topic that a sender named for outcomes. */
export function replyTopicSpec(name: string): TopicSpec {
  return { ...topic(name, REPLIES_DAYS), isTakenAsFound: true };
}

function topic(name: string, days: number, settings: TopicSpec['settings'] = {}): TopicSpec {
  const retention = { 'retention.ms': String(days * DAY_MILLISECONDS), 'retention.bytes': '-1' };
  return {
    name,
    partitions: PARTITIONS,
    settings: { 'cleanup.policy': 'delete', ...retention, ...settings },
  };
}
