import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel, type Message, type Producer } from 'kafkajs';
import { accountContract } from '#contracts/account/account.contract.js';
import { ROLES } from '#contracts/access.js';
import { commandsTopic, deadLetterTopic } from '#contracts/entity-contract.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { RecordSenders } from '#libs/api/kafka-commands/record-senders.js';
import { SenderTurns } from '#libs/api/kafka-commands/sender-turns.js';
import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { authorized } from '#libs/testing/authorized.js';
import {
  brokers,
  eventuallyHolds,
  logger,
  openKafka,
  readTopic,
  type SeenRecord,
} from '../integration/read-path-kit.js';
import { eventually, request } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';

const TOPIC = commandsTopic('account');
const COMMANDS = 1_000;
const ACCOUNTS = 8;

let kafka: Kafka;
let producer: Producer;

beforeAll(async () => {
  kafka = openKafka('kafka-commands-test');
  producer = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
});

afterAll(async () => {
  await producer.disconnect();
  await kafka.close();
});

/** Finds the user of the tests, as the services do: a repeat is one of the same sender. */
class SameUser extends Authenticator {
  async authenticate() {
    return { tenant: 'default', id: 'test', kind: 'user' as const, roles: Object.keys(ROLES) };
  }
}

const newId = (): string => `k-${randomUUID()}`;
const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;

function command(account: string, type: string, data: object, headers: Record<string, string> = {}): Message {
  const named = { ce_specversion: '1.0', ce_type: type, ce_subject: account, ce_id: randomUUID() };
  return { key: account, value: JSON.stringify(data), headers: { ...authorized(), ...named, ...headers } };
}

async function send(...messages: Message[]): Promise<void> {
  await producer.send({ topic: TOPIC, messages, acks: -1 });
}

async function openedAccount(): Promise<string> {
  const account = newId();
  await send(command(account, 'Open', { owner: 'Kafka', currency: 'EUR' }));
  await settled(account, ({ revision }) => revision === 0);
  return account;
}

type State = Readonly<Record<string, unknown>>;

function settled(account: string, isSo: (state: State) => boolean, patience = 60_000): Promise<State> {
  const ask = async (): Promise<State> => (await request(url(`/v1/accounts/${account}`))).body;
  return eventually(ask, isSo, patience);
}

/** All records of a topic, once there are this many. */
async function onTopic(topic: string, count: number, isMine: (record: SeenRecord) => boolean = () => true) {
  await eventuallyHolds(kafka, topic, count);
  const read = async (): Promise<SeenRecord[]> =>
    (await readTopic(kafka, topic).catch(() => [])).filter((record) => isMine(record));
  return eventually(read, ({ length }) => length >= count);
}

const ids = (records: readonly SeenRecord[]): Set<string> => new Set(records.map(({ id }) => id));
const valueOf = ({ value }: SeenRecord): Record<string, unknown> => JSON.parse(value) as never;

describe('commands from Kafka', () => {
  it('are decided in the order of their entity, and answered on the topic they name', async () => {
    const account = newId();
    const replyTo = { perdure_replyto: `perdure.replies.${randomUUID()}`, ce_correlationid: 'order-7' };
    const pairs = Array.from({ length: 20 }, () => [
      command(account, 'Deposit', { amount: 10 }, replyTo),
      command(account, 'Withdraw', { amount: 10 }, replyTo),
    ]);
    const messages = [command(account, 'Open', { owner: 'K', currency: 'EUR' }, replyTo), ...pairs.flat()];
    await send(...messages);
    const replies = await onTopic(replyTo.perdure_replyto, messages.length);
    expect(replies.map(({ headers }) => headers['ce_causationid'])).toEqual(
      messages.map(({ headers }) => headers?.['ce_id']),
    );
    for (const [revision, reply] of replies.entries()) {
      expect(reply).toMatchObject({
        key: account,
        headers: { ce_type: 'perdure.account.command.accepted', ce_correlationid: 'order-7' },
      });
      expect(valueOf(reply)).toMatchObject({ id: account, status: 'accepted', revision });
    }
    const { body } = await request(url(String((valueOf(replies[0]!)['links'] as State)['receipt'])));
    expect(body).toMatchObject({ status: 'accepted', revision: 0 });
  });

  it('are answered with the problem when a rule rejects them', async () => {
    const account = await openedAccount();
    const replyTo = { perdure_replyto: `perdure.replies.${randomUUID()}` };
    await send(command(account, 'Withdraw', { amount: 1 }, replyTo));
    const [reply] = await onTopic(replyTo.perdure_replyto, 1);
    expect(reply?.headers).toMatchObject({
      ce_type: 'perdure.account.command.rejected',
      'content-type': 'application/problem+json',
    });
    expect(valueOf(reply!)).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS', status: 409 });
  });

  it('count once however often they are sent, and every time get the first outcome', async () => {
    const account = await openedAccount();
    const headers = { ce_id: 'pay-in', perdure_replyto: `perdure.replies.${randomUUID()}` };
    const once = command(account, 'Deposit', { amount: 7 }, headers);
    await send(once, once);
    await send(once);
    await send(
      command(account, 'Deposit', { amount: 8 }, headers),
      command(account, 'Deposit', { amount: 100 }),
    );
    const replies = await onTopic(headers.perdure_replyto, 4);
    const accepted = replies.filter(({ headers: of }) => of['ce_type']?.endsWith('.accepted'));
    expect(accepted).toHaveLength(3);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(new Set(accepted.map(({ value }) => value)).size).toBe(1);
    expect(valueOf(replies.at(-1)!)).toMatchObject({ code: 'IDEMPOTENCY.KEY_REUSED', status: 422 });
    expect(await settled(account, ({ balance }) => balance === 107)).toMatchObject({ revision: 2 });
  });

  it('become dead letters with the reason when they are malformed, and hold up nothing', async () => {
    const account = await openedAccount();
    const broken = Buffer.from([0x7b, 0xff]);
    await send(
      { key: account, value: broken, headers: { ...authorized(), ce_type: 'Deposit', own: 'kept' } },
      command(account, 'ExpireHold', { holdId: 'h' }),
      command(account, 'Deposit', { amount: 0 }),
      command(account, 'Deposit', { amount: 5 }),
    );
    await settled(account, ({ balance }) => balance === 5);
    const letters = await onTopic(deadLetterTopic('account'), 3, ({ key }) => key === account);
    expect(letters.map(({ headers }) => headers['perdure_dlq_code'])).toEqual([
      'REQUEST.MALFORMED_JSON',
      'COMMAND.UNKNOWN_TYPE',
      'REQUEST.INVALID_BODY',
    ]);
    expect(letters[0]?.headers).toMatchObject({ own: 'kept', ce_type: 'Deposit', perdure_dlq_topic: TOPIC });
    expect(letters[2]?.headers['perdure_dlq_errors']).toContain('/amount');
  });

  it('delay nothing when the topic for their outcomes cannot be written to', async () => {
    const account = newId();
    const name = `perdure.replies.${randomUUID()}`;
    const [good, colliding, tiny, small] = ['.eu', '_eu', '-tiny', '-small'].map((end) => name + end);
    const limited = (topic: string, bytes: number) => {
      return { name: topic, partitions: 1, settings: { 'max.message.bytes': String(bytes) } };
    };
    await kafka.ensureTopics([limited(tiny!, 1), limited(small!, 1_000)]);
    const to = (topic: string) => ({ perdure_replyto: topic });
    await send(command(account, 'Open', { owner: 'K', currency: 'EUR' }, to(good!)));
    await onTopic(good!, 1);
    await send(
      command(account, 'Deposit', { amount: 1 }, to(colliding!)),
      ...Array.from({ length: 3 }, () => command(account, 'Deposit', { amount: 1 }, to(tiny!))),
      ...Array.from({ length: 5 }, () => command(account, 'Deposit', { amount: 1 }, to(small!))),
      command(account, 'Deposit', { amount: 1 }, to(good!)),
    );
    await send(command(account, 'Deposit', { amount: 1 }));
    expect(await settled(account, ({ balance }) => balance === 11)).toMatchObject({ revision: 11 });
    expect(ids(await onTopic(good!, 2)).size).toBe(2);
    expect(ids(await onTopic(small!, 5)).size).toBe(5);
    expect(await readTopic(kafka, tiny!)).toEqual([]);
  });

  it('change nothing when the group is rewound to the start', async () => {
    const account = await openedAccount();
    const deposits = Array.from({ length: 300 }, () => command(account, 'Deposit', { amount: 1 }));
    await send(...deposits);
    const before = await settled(account, ({ balance }) => balance === 300);
    const temporal = { address: process.env['TEMPORAL_ADDRESS'] ?? '', namespace: 'default' };
    const client = connectTemporal(temporal);
    const store = connectEventStore(process.env['EVENTSTORE_URL'] ?? '');
    const gateway = createEntityGateway({ client, store, deciders: {} });
    let repeated = 0;
    // A new group starts like a rewound one: at the first record.
    const again = startCommands({
      service: newId(),
      contracts: [accountContract],
      kafka,
      senders: new RecordSenders(new SameUser()),
      turns: new SenderTurns({ caller: 128, process: 256 }),
      door: {
        execute: (...of) => gateway.execute(...of),
        send: async (stream, envelopes) => {
          await gateway.send(stream, envelopes);
          if (stream.endsWith(account)) repeated += envelopes.length;
        },
      },
      logger,
    });
    const all = deposits.length + 1;
    await eventually(
      () => Promise.resolve(repeated),
      (count) => count >= all,
      120_000,
    );
    await send(command(account, 'Deposit', { amount: 1_000 }));
    await settled(account, ({ balance }) => balance === 1_300);
    await again.close();
    await client.connection.close();
    await store.close();
    expect(before).toMatchObject({ revision: 300 });
    expect(await settled(account, () => true)).toMatchObject({ balance: 1_300, revision: 301 });
  });

  it('are each decided once when the service is killed in the middle of a thousand', async () => {
    const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, openedAccount));
    const messages = Array.from({ length: COMMANDS }, (_, index) =>
      command(accounts[index % ACCOUNTS]!, 'Deposit', { amount: 1 }),
    );
    for (let from = 0; from < COMMANDS; from += 100) {
      await send(...messages.slice(from, from + 100));
      if (from === 200 || from === 500 || from === 800) {
        await settled(accounts[0]!, ({ balance }) => Number(balance) > 0, 120_000);
        killServer('account');
      }
    }
    for (const account of accounts) {
      const state = await settled(account, ({ balance }) => Number(balance) >= COMMANDS / ACCOUNTS, 120_000);
      expect(state).toMatchObject({ balance: COMMANDS / ACCOUNTS, revision: COMMANDS / ACCOUNTS });
    }
  }, 300_000);

  it('delay nothing when a topic accepts less at once than the outcomes of a backlog', async () => {
    const account = await openedAccount();
    const headers = { perdure_replyto: `perdure.replies.${randomUUID()}` };
    const size = depthOf('BACKLOG');
    const answered = Array.from({ length: size / 5 }, () =>
      command(account, 'Deposit', { amount: 0 }, headers),
    );
    const tiny = Array.from({ length: (size * 4) / 5 }, () => ({ key: account, value: null }));
    const backlog = [...answered, ...tiny];
    for (let from = 0; from < backlog.length; from += 500) await send(...backlog.slice(from, from + 500));
    await send(command(account, 'Deposit', { amount: 5 }));
    await settled(account, ({ balance }) => balance === 5, 120_000);
    expect(ids(await onTopic(headers.perdure_replyto, answered.length)).size).toBe(answered.length);
    const letters = await onTopic(deadLetterTopic('account'), backlog.length, ({ key }) => key === account);
    const places = new Set(letters.map(({ headers: said }) => said['perdure_dlq_offset']));
    expect(places.size).toBe(backlog.length);
  });
});
