import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import { accountContract } from '#contracts/account/account.contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';
import { AnonymousAuthenticator, Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { commandRecord } from '#libs/testing/command-record.builder.js';
import { CommandBatch } from './command-batch.js';
import { RecordSenders } from './record-senders.js';
import { SenderTurns } from './sender-turns.js';

const teller: Caller = { tenant: 'acme', id: 'service:desk', kind: 'service', roles: ['teller'] };
const bound: Caller = { tenant: 'default', id: 'service:import', kind: 'service', roles: ['teller'] };
const CREDENTIALS: Readonly<Record<string, Caller>> = {
  'Bearer teller': teller,
  'Bearer clerk': { ...teller, id: 'service:clerk', roles: [] },
};

/** Knows two credentials; for a while, it may know nothing. */
class KnownCredentials extends Authenticator {
  away = 0;

  async authenticate({ authorization = '' }: IncomingHttpHeaders): Promise<Caller> {
    if (this.away > 0) {
      this.away -= 1;
      throw new UnavailableError('issuer');
    }
    const caller = CREDENTIALS[authorization];
    if (caller) return caller;
    throw new ProblemError(problems.unauthenticated, 'there is no valid credential');
  }
}

let offset = 0n;

/** A deposit into the account `a`, from the caller with this credential. */
function deposit(amount: number, credential?: string): KafkaRecord {
  const headers = {
    ce_type: 'Deposit',
    perdure_replyto: 'perdure.replies.desk',
    ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
  };
  offset += 1n;
  return commandRecord(offset, JSON.stringify({ amount }), headers);
}

/** What becomes of these records: the commands, the codes of dead letters, and the replies. */
async function handled(senders: RecordSenders, ...records: readonly KafkaRecord[]) {
  const range = { fetchedOffset: 0n, nextOffset: offset + 1n };
  const batch = new CommandBatch(
    accountContract,
    { topic: 'perdure.account.commands.v1', partition: 0, records, ...range },
    senders,
    new SenderTurns({ caller: 128, process: 256 }),
  );
  const sent: (Pick<CommandEnvelope, 'actor' | 'data'> & { readonly stream: string })[] = [];
  const execute = async (stream: string, envelopes: readonly CommandEnvelope[]) => {
    return envelopes.map(({ commandId, actor, data }) => {
      sent.push({ stream, actor, data });
      return { status: 'pending', commandId } as const;
    });
  };
  const door = { send: () => Promise.reject(new TypeError()), execute };
  const handOver = () => batch.handOver(door, 1_000);
  const letters = () => batch.letters.map(({ headers }) => String(headers['perdure_dlq_code']?.[0]));
  const replies = () => batch.outcomes().flatMap(({ messages }) => messages.map(({ headers }) => headers));
  return { handOver, sent, letters, replies, batch };
}

describe('the sender of a record', () => {
  it('is the caller that its credential proves', async () => {
    const { handOver, sent, replies } = await handled(
      new RecordSenders(new KnownCredentials(), bound),
      deposit(1, 'teller'),
      deposit(2),
    );
    await handOver();
    expect(sent).toMatchObject([
      { stream: 'account-acme.a', actor: 'service:desk' },
      { stream: 'account-default.a', actor: 'service:import' },
    ]);
    expect(replies().map((headers) => headers?.['ce_source'])).toEqual([
      '/account/acme/commands',
      '/account/default/commands',
    ]);
  });

  it('is nobody without a credential where the topic is bound to none, or with a bad one', async () => {
    const { handOver, sent, letters, replies } = await handled(
      new RecordSenders(new KnownCredentials()),
      deposit(1),
      deposit(2, 'forged'),
      deposit(3, 'clerk'),
      deposit(4, 'teller'),
    );
    await handOver();
    expect(sent).toMatchObject([{ data: { amount: 4 } }]);
    expect(letters()).toEqual(['ACCESS.UNAUTHENTICATED', 'ACCESS.UNAUTHENTICATED', 'ACCESS.DENIED']);
    expect(replies().map((headers) => [headers?.['ce_type'], headers?.['ce_source']])).toEqual([
      ['perdure.account.command.invalid', '/account/commands'],
      ['perdure.account.command.invalid', '/account/commands'],
      ['perdure.account.command.invalid', '/account/acme/commands'],
      ['perdure.account.command.pending', '/account/acme/commands'],
    ]);
  });

  it('is `kafka` while access control is off', async () => {
    const { handOver, sent } = await handled(new RecordSenders(new AnonymousAuthenticator()), deposit(1));
    await handOver();
    expect(sent).toMatchObject([{ stream: 'account-default.a', actor: 'kafka' }]);
  });

  it('is waited for while it cannot be proven, and no record is refused for that', async () => {
    const authenticator = new KnownCredentials();
    const { handOver, sent, letters, batch } = await handled(
      new RecordSenders(authenticator),
      deposit(1, 'teller'),
      deposit(2, 'teller'),
    );
    authenticator.away = 2;
    await expect(handOver()).rejects.toThrow(UnavailableError);
    await expect(handOver()).rejects.toThrow(UnavailableError);
    await handOver();
    expect(sent.map(({ data }) => data['amount'])).toEqual([1, 2]);
    expect(letters()).toEqual([]);
    expect(batch.commands).toBe(2);
  });
});

it('a dead letter keeps no credential', async () => {
  const { handOver, batch } = await handled(new RecordSenders(new KnownCredentials()), deposit(1, 'forged'));
  await handOver();
  const [letter] = batch.letters;
  expect(Object.keys(letter?.headers ?? {})).not.toContain('authorization');
  expect(JSON.stringify(letter)).not.toContain(Buffer.from('forged').toString('base64'));
});
