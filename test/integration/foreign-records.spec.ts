import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import { commandsTopic, deadLetterTopic } from '#contracts/entity-contract.js';
import { testHome } from '#tools/dev-stack/kill-server.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import type { Kafka, KafkaRecord } from '#libs/kafka/kafka.js';
import { commandTopicSpecs } from '#libs/api/kafka-commands/command-topics.js';
import { RecordSenders } from '#libs/api/kafka-commands/record-senders.js';
import { SenderTurns } from '#libs/api/kafka-commands/sender-turns.js';
import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import { type ForeignRecord, type ForeignStep, writeForeign } from '../support/foreign-records.js';
import { brokers, eventually, logger, openKafka, openPool } from './read-path-kit.js';
import { Ledger } from './read-model-kit.js';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const NOT_UTF8 = Buffer.from([0xff, 0xfe]);
const PARTITION = 3;
const TOO_MUCH = 'it is larger than 33554432 bytes after decompression';

let kafka: Kafka;
let pool: Pool;
const opened: { close(): Promise<void> }[] = [];

beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
});

afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

async function recordsOf(topic: string): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = [];
  for await (const some of kafka.scan(topic, new Map())) records.push(...some);
  return records;
}

/** Corrupts the bytes of a text in the broker's partition file, like a bad disk. */
async function spoil(topic: string, text: string): Promise<void> {
  const log = join(
    String(process.env[testHome]),
    'kafka/log',
    `${topic}-${PARTITION}`,
    `${'0'.repeat(20)}.log`,
  );
  const at = (await readFile(log)).indexOf(text);
  expect(at).toBeGreaterThan(0);
  const file = await open(log, 'r+');
  await file.write('#', at);
  await file.close();
}

/**
 * Overlapping transactions that are aborted, the later one first. One has a record that looks like
 * their end.
 */
function aborted(record: (index: number) => ForeignRecord): ForeignStep[] {
  const [one, two] = [randomUUID(), randomUUID()];
  return [
    { transaction: one, records: [record(0)] },
    { transaction: two, records: [record(1)] },
    { transaction: one, records: [{ ...record(2), key: Buffer.alloc(4) }, record(3)] },
    { transaction: two, ends: 'abort' },
    { transaction: one, records: [record(4)], ends: 'abort' },
  ];
}

test('no record that Kafka lets in stops the commands of others', async () => {
  const topic = commandsTopic('account');
  const key = `foreign-${randomUUID()}`;
  const sent: number[] = [];
  const deposit = (headers: ForeignRecord['headers'] = [], more: ForeignRecord = {}): ForeignRecord => {
    const amount = sent.length + 1;
    sent.push(amount);
    return { key, value: JSON.stringify({ amount }), headers: [['ce_type', 'Deposit'], ...headers], ...more };
  };
  const wrong = (record: ForeignRecord = {}): ForeignRecord => ({
    key,
    value: '{"amount":666}',
    headers: [['ce_type', 'Deposit']],
    ...record,
  });
  await kafka.ensureTopics(commandTopicSpecs('account'));
  await writeForeign(brokers(), topic, PARTITION, [
    ...CODECS.map((codec): ForeignStep => ({ codec, records: [deposit(), deposit()] })),
    {
      records: [
        deposit([
          ['own', null],
          ['own', 'x'],
          ['own', null],
          ['', ''],
          ['own', NOT_UTF8],
        ]),
      ],
    },
    {
      records: [
        deposit(
          [
            ['__proto__', 'x'],
            ['constructor', 'y'],
          ],
          { timestamp: 0 },
        ),
      ],
    },
    {
      records: [
        wrong({ headers: [['ce_type', null]] }),
        wrong({
          headers: [
            ['ce_type', NOT_UTF8],
            ['__proto__', null],
          ],
        }),
      ],
    },
    { records: [wrong({ key: null }), wrong({ key: NOT_UTF8 }), wrong({ value: null })] },
    { records: [wrong({ moreHeaders: 50_000 }), deposit()] },
    { codec: 'gzip', records: [{ zeros: 40_000_000 }] },
    { codec: 'lz4', records: [{ zeros: 40_000_000 }] },
    { codec: 'zstd', records: [{ zeros: 40_000_000 }] },
    { codec: 'zstd', records: [{ key, zeros: 8_000_000 }] },
    ...aborted(() => wrong()),
    { transaction: randomUUID(), records: [deposit()], ends: 'commit' },
    { records: [wrong({ value: '{"amount":667}' })] },
    { records: [deposit()] },
  ]);
  await spoil(topic, '{"amount":667}');
  const taken: unknown[] = [];
  const commands = startCommands({
    service: key,
    contracts: [accountContract],
    kafka,
    senders: new RecordSenders(new AnonymousAuthenticator()),
    turns: new SenderTurns({ caller: 128, process: 256 }),
    door: {
      execute: () => Promise.reject(new TypeError('nobody asked for a reply')),
      send: async (stream, envelopes) => {
        if (stream.endsWith(key)) taken.push(...envelopes.map(({ data }) => data['amount']));
      },
    },
    logger,
  });
  opened.push(commands);
  await eventually('the last command is taken', () => taken.length >= sent.length);
  expect(taken).toEqual(sent);
  // Dead letters are written after the commands of their batch.
  let letters: KafkaRecord[] = [];
  await eventually('the dead letters are written', async () => {
    letters = await recordsOf(deadLetterTopic('account'));
    return letters.length >= 11;
  });
  const codes = letters.map(({ headers }) => headers['perdure_dlq_code'] ?? '').toSorted();
  expect(codes).toEqual(
    [
      ...Array<string>(4).fill('REQUEST.INVALID'),
      'REQUEST.HEADERS_TOO_LARGE',
      'REQUEST.INVALID_BODY',
      ...Array<string>(2).fill('REQUEST.INVALID_HEADER'),
      ...Array<string>(2).fill('REQUEST.INVALID_ID'),
      'REQUEST.TOO_LARGE',
    ].toSorted(),
  );
  const details = letters.map(({ headers }) => headers['perdure_dlq_detail']);
  expect(details.filter((detail) => detail === TOO_MUCH)).toHaveLength(3);
  const spoilt = letters.find(({ headers }) => headers['perdure_dlq_detail'] === 'its checksum is wrong');
  expect(spoilt?.value).toContain('#"amount":667}');
  expect(letters.map(({ headers }) => headers['perdure_dlq_nullheaders']).filter(Boolean)).toEqual(
    expect.arrayContaining(['["ce_type"]', '["__proto__"]']),
  );
}, 120_000);

test('no record that Kafka lets in stops the views of others', async () => {
  const ledger = new Ledger(kafka, pool);
  const { topic } = ledger;
  const asForeign = (event: RecordedEvent, more: ForeignRecord = {}): ForeignRecord => {
    const { key, value, headers } = toCloudEvent(event);
    return { key, value, headers: Object.entries(headers), ...more };
  };
  const happens = (more?: ForeignRecord): ForeignRecord => asForeign(ledger.happens('a', 1), more);
  const forged = (more: ForeignRecord = {}): ForeignRecord => ({
    ...asForeign(ledger.happens('b', 1)),
    ...more,
  });
  const deep = `{"amount":1,"note":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
  await kafka.ensureTopics([eventTopicSpec(ledger.category)]);
  await writeForeign(brokers(), topic, PARTITION, [
    ...CODECS.map((codec): ForeignStep => ({ codec, records: [happens(), happens()] })),
    {
      records: [
        happens({ moreHeaders: 50_000 }),
        forged({ key: null }),
        forged({ value: null }),
        forged({ value: deep }),
      ],
    },
    {
      records: [
        forged({ key: 'k'.repeat(5_000) }),
        forged({
          headers: [
            ['ce_specversion', null],
            ['__proto__', null],
          ],
        }),
      ],
    },
    ...CODECS.slice(1)
      .filter((codec) => codec !== 'snappy')
      .map((codec): ForeignStep => ({ codec, records: [{ zeros: 40_000_000 }] })),
    ...aborted(() => ({ ...asForeign(ledger.happens('c', 1)), value: '{"amount":666}' })),
    { records: [asForeign(ledger.happens('d', 1)), asForeign(ledger.happens('d', 667, 'spoilt'))] },
    { records: [asForeign(ledger.happens('d', 1)), happens()] },
  ]);
  await spoil(topic, 'spoilt');
  opened.push(ledger.project());
  const seen = ledger.history.filter(({ stream }) => /\.[ad]$/.test(stream));
  await ledger.caughtUp(seen);
  expect(await ledger.totals()).toEqual(ledger.expected(seen));
  const { rows } = await pool.query<{ reason: string }>(
    'SELECT reason FROM read_model.unreadable_records WHERE view = $1 ORDER BY record_offset',
    [ledger.key],
  );
  expect(rows.map(({ reason }) => reason)).toEqual([
    'its key or value is missing',
    'its key or value is missing',
    'its value is nested too deeply',
    'its key is not the name of a stream',
    'it is not a CloudEvent 1.0',
    ...Array<string>(3).fill(TOO_MUCH),
    'its checksum is wrong',
  ]);
}, 120_000);
