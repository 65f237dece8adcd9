import { commandsTopic, deadLetterTopic } from '#contracts/entity-contract.js';
import { LARGEST_BATCH_BYTES, PARTITIONS } from '#libs/kafka/event-topic.js';
import type { TopicSpec } from '#libs/kafka/kafka.js';

const DAY_MILLISECONDS = 86_400_000;
/** How long a service may be down before commands that it has not read are lost. */
const COMMANDS_DAYS = 30;
const REPLIES_DAYS = 7;

/** The topics for the commands of a category and their dead letters. */
export function commandTopicSpecs(category: string): readonly TopicSpec[] {
  return [
    topic(commandsTopic(category), COMMANDS_DAYS),
    topic(deadLetterTopic(category), COMMANDS_DAYS, {
      // A dead letter is larger than its record.
      'max.message.bytes': String(LARGEST_BATCH_BYTES),
    }),
  ];
}

/** A topic that a sender named for outcomes. If it exists, its settings are left alone. */
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
