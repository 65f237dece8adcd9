import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { register } from 'prom-client';
import { accountContract } from '#contracts/account/account.contract.js';
import type { Kafka, KafkaBatch, OutgoingMessage, RawRecord, Refusal } from '#libs/kafka/kafka.js';
import { KafkaUnavailableError, TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import { commandRecord } from '#libs/testing/command-record.builder.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import { CommandConsumer } from './command-consumer.js';
import { RecordSenders } from './record-senders.js';
import { SenderTurns } from './sender-turns.js';

const COMMANDS = 'perdure.account.commands.v1';
const LETTERS = `${COMMANDS}.dlq`;
const GOOD = 'perdure.replies.shop.eu';
const COLLIDING = 'perdure.replies.shop_eu';

const lines: { topic: string; reason: string }[] = [];
const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as never) });
let handedOver = 0;
/**
 * A gateway that counts commands. `execute` fails because no command in these tests requests a
 * reply.
 */
const door = {
  send: async (_stream: string, envelopes: readonly unknown[]) => void (handedOver += envelopes.length),
  execute: () => Promise.reject(new TypeError()),
};

let offset = 0n;

/** A record that is not a command but requests a reply. */
function junk(replyTo: string, id: string) {
  return recordOf('{}', { ce_type: 'Nonsense', ce_id: id, perdure_replyto: replyTo });
}

function recordOf(value: string, headers: Readonly<Record<string, string>>) {
  offset += 1n;
  return commandRecord(offset, value, headers);
}

function batchOf(...records: ReturnType<typeof recordOf>[]): KafkaBatch {
  const fetchedOffset = records[0]?.offset ?? 0n;
  return { topic: COMMANDS, partition: 0, records, fetchedOffset, nextOffset: offset + 1n };
}

const senders = new RecordSenders(new AnonymousAuthenticator());
const consumerOn = (kafka: Kafka) => {
  const turns = new SenderTurns({ caller: 128, process: 256 });
  return new CommandConsumer({ contract: accountContract, kafka, door, senders, turns, logger });
};
const repliesOn = (kafka: MemoryKafka, topic: string) =>
  kafka.recordsOf(topic).map(({ headers }) => headers['ce_causationid']);
const refusals = () => lines.filter(({ reason }) => reason !== undefined);
const dropped = async () => {
  const { values = [] } =
    (await register.getSingleMetric('perdure_kafka_replies_dropped_total')?.get()) ?? {};
  return values.map(({ labels, value }) => [labels['reason'], value]);
};

beforeEach(() => {
  lines.length = 0;
  handedOver = 0;
  register.resetMetrics();
});

describe('a batch whose replies or dead letters a broker refuses', () => {
  it('is done without the replies to a topic that cannot be created, which is logged once', async () => {
    let asked = 0;
    const kafka = new MemoryKafka((topic) => {
      if (topic !== COLLIDING) return undefined;
      asked += 1;
      return 'topic-invalid';
    });
    const consumer = consumerOn(kafka);
    await consumer.handle(batchOf(junk(GOOD, 'one'), junk(COLLIDING, 'two')));
    await consumer.handle(batchOf(junk(COLLIDING, 'three'), junk(COLLIDING, 'four'), junk(GOOD, 'five')));
    expect(repliesOn(kafka, GOOD)).toEqual(['one', 'five']);
    expect(kafka.recordsOf(LETTERS)).toHaveLength(5);
    expect(await dropped()).toEqual([['topic-invalid', 3]]);
    expect(refusals()).toMatchObject([{ topic: COLLIDING, reason: 'topic-invalid' }]);
    expect(asked).toBe(1);
  });

  it('is answered on a topic that was refused once the broker takes it', async () => {
    let reason: Refusal | undefined = 'topic-not-authorized';
    const kafka = new MemoryKafka((topic) => (topic === GOOD ? reason : undefined));
    const consumer = consumerOn(kafka);
    await consumer.handle(batchOf(junk(GOOD, 'one')));
    reason = undefined;
    jest.useFakeTimers({ now: Date.now() + 600_000, doNotFake: ['nextTick', 'setImmediate', 'setTimeout'] });
    await consumer.handle(batchOf(junk(GOOD, 'two'))).finally(() => jest.useRealTimers());
    expect(repliesOn(kafka, GOOD)).toEqual(['two']);
  });

  it('is done without the one reply that is too large for its topic', async () => {
    const isLarge = ({ headers }: OutgoingMessage | RawRecord) => headers['ce_causationid'] === 'large';
    const kafka = new MemoryKafka((topic, message) =>
      topic === GOOD && message && isLarge(message) ? 'record-too-large' : undefined,
    );
    const consumer = consumerOn(kafka);
    await consumer.handle(batchOf(junk(GOOD, 'one'), junk(GOOD, 'large'), junk(GOOD, 'two')));
    await consumer.handle(batchOf(junk(GOOD, 'large'), junk(GOOD, 'three')));
    expect(repliesOn(kafka, GOOD)).toEqual(['one', 'two', 'three']);
    expect(await dropped()).toEqual([['record-too-large', 2]]);
    expect(refusals()).toMatchObject([{ topic: GOOD, reason: 'record-too-large' }]);
  });

  it('keeps at least the reason and the place of a dead letter that is too large', async () => {
    const kafka = new MemoryKafka((topic, message) =>
      topic === LETTERS && message?.value !== null && message !== undefined ? 'record-too-large' : undefined,
    );
    await consumerOn(kafka).handle(batchOf(junk(GOOD, 'one')));
    const [letter] = kafka.recordsOf(LETTERS);
    expect(letter).toMatchObject({ key: undefined, value: undefined });
    expect(letter?.headers).toEqual({
      perdure_dlq_code: 'COMMAND.UNKNOWN_TYPE',
      perdure_dlq_detail: expect.any(String),
      perdure_dlq_topic: COMMANDS,
      perdure_dlq_partition: '0',
      perdure_dlq_offset: String(offset),
      perdure_dlq_timestamp: '1',
      perdure_dlq_incomplete: 'true',
    });
  });

  it('waits while dead letters may not be written at all', async () => {
    let reason: Refusal | undefined = 'topic-not-authorized';
    const kafka = new MemoryKafka((topic) => (topic === LETTERS ? reason : undefined));
    const consumer = consumerOn(kafka);
    const batch = batchOf(junk(GOOD, 'one'));
    await expect(consumer.handle(batch)).rejects.toThrow(`${LETTERS}: topic-not-authorized`);
    reason = undefined;
    await consumer.handle(batch);
    expect(kafka.recordsOf(LETTERS)).toHaveLength(1);
  });

  it('does not hand its commands over again when it is repeated', async () => {
    let reason: Refusal | undefined = 'topic-not-authorized';
    const kafka = new MemoryKafka((topic) => (topic === LETTERS ? reason : undefined));
    const consumer = consumerOn(kafka);
    const batch = batchOf(recordOf('{"amount":1}', { ce_type: 'Deposit' }), junk(GOOD, 'one'));
    await expect(consumer.handle(batch)).rejects.toThrow(TopicsRefusedError);
    reason = undefined;
    await consumer.handle(batch);
    expect(handedOver).toBe(1);
  });

  it('waits while a topic for replies cannot be made yet', async () => {
    const kafka = new MemoryKafka();
    kafka.ensureTopics = () => Promise.reject(new KafkaUnavailableError('no leader'));
    const consumer = consumerOn(kafka);
    const batch = batchOf(junk(GOOD, 'one'));
    await expect(consumer.handle(batch)).rejects.toThrow(KafkaUnavailableError);
    kafka.ensureTopics = () => Promise.resolve();
    await consumer.handle(batch);
    expect(repliesOn(kafka, GOOD)).toEqual(['one']);
  });
});
