import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import { accountContract } from '#contracts/account/account.contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import {
  type CommandDoor,
  EngineUnavailableError,
  type Receipt,
} from '#libs/entity/gateway/entity-gateway.js';
import type { KafkaBatch, KafkaRecord } from '#libs/kafka/kafka.js';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { commandRecord } from '#libs/testing/command-record.builder.js';
import { CommandBatch } from './command-batch.js';
import { RecordSenders } from './record-senders.js';
import { SenderTurns } from './sender-turns.js';

/** A gateway that records the messages it receives. */
class RecordingDoor implements CommandDoor {
  readonly messages: { stream: string; amounts: unknown[] }[] = [];
  failures = 0;

  async send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new EngineUnavailableError('temporal');
    }
    this.messages.push({ stream, amounts: envelopes.map(({ data }) => data['amount']) });
  }

  async execute(stream: string, envelopes: readonly CommandEnvelope[]): Promise<readonly Receipt[]> {
    await this.send(stream, envelopes);
    const at = '2026-01-01T00:00:00.000Z';
    return envelopes.map(({ commandId, data: { amount } }, revision) => {
      if (amount === 14) return outcomeUnknown(commandId, revision, at);
      return amount === 13
        ? { status: 'rejected', commandId, revision, code: 'ACCOUNT.FROZEN', detail: 'no', at }
        : { status: 'accepted', commandId, revision, events: ['MoneyDeposited'], at };
    });
  }

  of(id: string): unknown[] {
    return this.messages.filter(({ stream }) => stream.endsWith(`.${id}`)).flatMap(({ amounts }) => amounts);
  }
}

/** Anybody, or the teller whom the credential names. */
class Tellers extends AnonymousAuthenticator {
  override async authenticate(headers: IncomingHttpHeaders = {}): Promise<Caller> {
    const { authorization: id } = headers;
    const anybody = await super.authenticate();
    return id === undefined ? anybody : { ...anybody, kind: 'service', id, roles: ['teller'] };
  }
}

const turns = new SenderTurns({ caller: 128, process: 256 });
let offset = 0n;

function deposit(key: string, amount: unknown, headers: Record<string, string> = {}): KafkaRecord {
  offset += 1n;
  return commandRecord(offset, JSON.stringify({ amount }), { ce_type: 'Deposit', ...headers }, key);
}

function batchOf(...records: KafkaRecord[]): CommandBatch {
  const batch: KafkaBatch = {
    topic: 'perdure.account.commands.v1',
    partition: 0,
    records,
    fetchedOffset: records[0]?.offset ?? 0n,
    nextOffset: (records.at(-1)?.offset ?? 0n) + 1n,
  };
  return new CommandBatch(accountContract, batch, new RecordSenders(new Tellers()), turns);
}

describe('a batch of commands', () => {
  it('reaches each entity in order, in few messages', async () => {
    const door = new RecordingDoor();
    const records = Array.from({ length: 250 }, (_, index) =>
      deposit(index % 2 === 0 ? 'a' : 'b', index + 1),
    );
    await batchOf(...records).handOver(door, 1_000);
    expect(door.of('a')).toEqual(Array.from({ length: 125 }, (_, index) => index * 2 + 1));
    expect(door.of('b')).toEqual(Array.from({ length: 125 }, (_, index) => index * 2 + 2));
    expect(door.messages).toHaveLength(4);
  });

  it('resumes where it stopped, and in order', async () => {
    const door = new RecordingDoor();
    const batch = batchOf(...Array.from({ length: 150 }, (_, index) => deposit('a', index + 1)));
    door.failures = 1;
    await expect(batch.handOver(door, 1_000)).rejects.toThrow(EngineUnavailableError);
    await batch.handOver(door, 1_000);
    expect(door.of('a')).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
    await batch.handOver(door, 1_000);
    expect(door.of('a')).toHaveLength(150);
  });

  it('of a sender that has to wait does not hold up those of others', async () => {
    const held: (() => void)[] = [];
    const arrived: string[] = [];
    const door: CommandDoor = {
      execute: () => Promise.reject(new TypeError()),
      send: async (stream) => {
        arrived.push(stream);
        if (stream.includes('busy')) await new Promise<void>((resolve) => held.push(resolve));
      },
    };
    const many = Array.from({ length: 400 }, (_, index) =>
      deposit(`busy${index}`, 1, { authorization: 'service:bulk' }),
    );
    const one = deposit('urgent', 1, { authorization: 'service:desk' });
    const first = batchOf(...many.slice(0, 200)).handOver(door, 1_000);
    const second = batchOf(...many.slice(200), one).handOver(door, 1_000);
    while (!arrived.includes('account-default.urgent')) await new Promise((resolve) => setImmediate(resolve));
    expect(arrived).toHaveLength(128 + 1);
    while (arrived.length < 401 || held.length > 0) {
      for (const release of held.splice(0)) release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([first, second]);
  });

  it('puts aside what is not a command and accepts the rest', async () => {
    const door = new RecordingDoor();
    const batch = batchOf(deposit('a', 1), deposit('a', -1), deposit('a', 2));
    await batch.handOver(door, 1_000);
    expect(door.of('a')).toEqual([1, 2]);
    expect(batch.letters).toMatchObject([{ value: Buffer.from('{"amount":-1}') }]);
    expect(batch.commands).toBe(2);
  });

  it('answers on request, with the same body as REST', async () => {
    const door = new RecordingDoor();
    const wanted = { perdure_replyto: 'perdure.replies.shop', ce_correlationid: 'order-7' };
    const batch = batchOf(
      deposit('a', 1, { ...wanted, ce_id: 'one' }),
      deposit('a', 2),
      deposit('a', 13, { ...wanted, ce_id: 'two' }),
      deposit('a', 0, { ...wanted, ce_id: 'three' }),
      deposit('a', 14, { ...wanted, ce_id: 'four' }),
    );
    await batch.handOver(door, 1_000);
    const [replies, ...more] = batch.outcomes();
    expect(more).toEqual([]);
    expect(replies?.topic).toBe('perdure.replies.shop');
    expect(replies?.messages).toMatchObject([
      { headers: { ce_type: 'perdure.account.command.invalid', ce_causationid: 'three' } },
      {
        key: 'a',
        headers: {
          ce_type: 'perdure.account.command.accepted',
          ce_causationid: 'one',
          ce_correlationid: 'order-7',
          'content-type': 'application/json',
        },
      },
      {
        headers: {
          ce_type: 'perdure.account.command.rejected',
          ce_causationid: 'two',
          'content-type': 'application/problem+json',
        },
      },
      { headers: { ce_type: 'perdure.account.command.rejected', ce_causationid: 'four' } },
    ]);
    const values = replies?.messages.map(({ value }) => JSON.parse(value) as Record<string, unknown>);
    expect(values).toMatchObject([
      { code: 'REQUEST.INVALID_BODY', status: 422 },
      { id: 'a', status: 'accepted', events: ['MoneyDeposited'], links: { entity: '/v1/accounts/a' } },
      { code: 'ACCOUNT.FROZEN', status: 409 },
      { code: 'COMMAND.OUTCOME_UNKNOWN', status: 503 },
    ]);
  });
});
