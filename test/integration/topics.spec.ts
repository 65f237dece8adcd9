import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Admin, ConfigResourceTypes, Kafka as KafkaJs, logLevel } from 'kafkajs';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka, TopicSpec } from '#libs/kafka/kafka.js';
import { UnfitTopicsError } from '#libs/kafka/kafka.errors.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import { stateTopicSpec } from '#libs/kafka/state-topic.js';
import { replyTopicSpec } from '#libs/api/kafka-commands/command-topics.js';
import type { Logger } from '#libs/runtime/logger.js';
import { brokers, eventually, newCategory } from './read-path-kit.js';

const logged: unknown[] = [];
const logger = {
  warn: (fields: unknown) => logged.push(fields),
  debug: () => undefined,
} as unknown as Logger;

let kafka: Kafka;
let admin: Admin;

beforeAll(async () => {
  kafka = connectKafka({ brokers: brokers(), clientId: 'topics-test', logger });
  admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});

afterAll(async () => {
  await admin.disconnect();
  await kafka.close();
});

/** A topic that already exists with other settings. */
async function made(name: string, partitions: number, settings: TopicSpec['settings'] = {}): Promise<void> {
  const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  const topics = [{ topic: name, numPartitions: partitions, configEntries }];
  await admin.createTopics({ waitForLeaders: false, topics });
  await eventually('the topic is there', () =>
    kafka.watermarks(name).then(
      () => true,
      () => false,
    ),
  );
}

async function settingsOf(name: string): Promise<Record<string, string>> {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name }];
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  const entries = described.resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

test('a topic that exists gets the settings that we need, and keeps its others', async () => {
  const [events, states] = [eventTopicSpec(newCategory()), stateTopicSpec(newCategory())];
  await made(events.name, events.partitions, { 'segment.ms': '3600000', 'retention.ms': '604800000' });
  await made(states.name, states.partitions, { 'max.message.bytes': '9000000' });
  await kafka.ensureTopics([events, states]);
  await eventually('the events have their settings', async () => {
    const settings = await settingsOf(events.name);
    return Object.entries(events.settings).every(([name, value]) => settings[name] === value);
  });
  expect(await settingsOf(events.name)).toMatchObject({ ...events.settings, 'segment.ms': '3600000' });
  expect(await settingsOf(states.name)).toMatchObject({
    'cleanup.policy': 'compact',
    'max.message.bytes': '9000000',
  });
  expect(logged).toContainEqual({
    topic: events.name,
    before: {
      'retention.ms': '604800000',
      'message.timestamp.type': 'CreateTime',
      'max.message.bytes': '1048588',
    },
    after: {
      'retention.ms': '-1',
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': '4194304',
    },
  });
  logged.length = 0;
  await kafka.ensureTopics([events, states]);
  expect(logged).toEqual([]);
});

test('a topic with another number of partitions is refused, with what to do', async () => {
  const [events, states] = [eventTopicSpec(newCategory()), stateTopicSpec(newCategory())];
  await made(events.name, 1);
  const refused = kafka.ensureTopics([events, states]);
  await expect(refused).rejects.toThrow(UnfitTopicsError);
  await expect(refused).rejects.toThrow(
    `${events.name} has 1 partition instead of 12, and changing that would break the order of its keys`,
  );
  expect(await settingsOf(states.name)).toMatchObject(states.settings);
});

test("a sender's topic for outcomes is used as it is", async () => {
  const replies = replyTopicSpec(`perdure.replies.${randomUUID()}`);
  await made(replies.name, 1, { 'retention.ms': '1000' });
  await kafka.ensureTopics([replies]);
  expect(await settingsOf(replies.name)).toMatchObject({ 'retention.ms': '1000' });
});
