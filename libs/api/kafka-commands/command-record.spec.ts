import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '#libs/core/problem-error.js';
import { accountContract } from '#contracts/account/account.contract.js';
import { cartContract } from '#contracts/cart/cart.contract.js';
import { keyedCommandIds } from '#libs/entity/gateway/command-id.js';
import type { Caller } from '#libs/identity/caller.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { decodeCommand } from './command-record.js';
import { toDeadLetter } from './dead-letter.js';

type Headers = Record<string, string | Buffer | readonly Buffer[]>;

const DEPOSIT = { ce_specversion: '1.0', ce_type: 'Deposit', ce_id: 'pay-1' };

function record(
  value: string | Buffer | null,
  headers: Headers = DEPOSIT,
  key: string | null = 'alice',
): KafkaRecord {
  const raw = Object.entries(headers).map(([name, given]) => {
    const buffers = Array.isArray(given) ? (given as Buffer[]) : [Buffer.from(given as string)];
    return [name, buffers] as const;
  });
  return {
    topic: 'perdure.account.commands.v1',
    partition: 3,
    offset: 17n,
    timestamp: 1_700_000_000_000,
    key: key ?? undefined,
    value: value === null ? undefined : String(value),
    headers: {},
    raw: {
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: Object.fromEntries(raw),
    },
  };
}

const anybody: Caller = { tenant: 'default', id: 'kafka', kind: 'anonymous', roles: [] };
const decodeFrom = (sender: Caller, ...of: Parameters<typeof record>) => {
  return decodeCommand(accountContract, record(...of), sender);
};
const decode = (...of: Parameters<typeof record>) => decodeFrom(anybody, ...of);

function problemOf(...of: Parameters<typeof record>): ProblemError {
  try {
    decode(...of);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a record that is a command', () => {
  it('becomes an envelope with the ids of its key, sent now', () => {
    const before = Date.now();
    const command = decode('{"amount":100}', {
      ...DEPOSIT,
      ce_time: '1999-01-01T00:00:00Z',
      ce_subject: 'alice',
      ce_correlationid: 'order-7',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      perdure_expectedrevision: '4',
      perdure_replyto: 'perdure.replies.shop',
    });
    const scope = { tenant: 'default', caller: 'kafka', entity: 'account-default.alice', key: 'pay-1' };
    expect(command).toMatchObject({
      id: 'alice',
      stream: 'account-default.alice',
      messageId: 'pay-1',
      replyTo: 'perdure.replies.shop',
      envelope: {
        ...keyedCommandIds(scope, 'Deposit', { amount: 100 }),
        type: 'Deposit',
        data: { amount: 100 },
        actor: 'kafka',
        correlationId: 'order-7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        expectedRevision: 4,
      },
    });
    expect(Date.parse(command.envelope.sentAt)).toBeGreaterThanOrEqual(before);
  });

  it('is the same command at any position if its producer named it', () => {
    const [one, two] = [decode('{"amount":100}'), decode('{ "amount": 1e2 }')];
    expect(one.envelope.commandId).toBe(two.envelope.commandId);
    expect(decode('{"amount":101}').envelope).toMatchObject({ keyId: one.envelope.keyId });
    expect(decode('{"amount":101}').envelope.commandId).not.toBe(one.envelope.commandId);
  });

  it('is named by its position if its producer did not name it', () => {
    const { ce_id: _, ...unnamed } = DEPOSIT;
    const at = (offset: bigint) =>
      decodeCommand(accountContract, { ...record('{"amount":100}', unnamed), offset }, anybody).envelope
        .commandId;
    expect(at(17n)).toBe(at(17n));
    expect(at(17n)).not.toBe(at(18n));
    expect(decode('{"amount":100}', unnamed).messageId).toBe(
      'perdure.account.commands.v1/3/17@1700000000000',
    );
  });

  it('may have no value where no data is needed', () => {
    expect(decode(null, { ce_type: 'Close' }).envelope.data).toEqual({});
  });

  it('passes over ids for tracing that are not well-formed', () => {
    const command = decode('{"amount":100}', { ...DEPOSIT, traceparent: 'x', ce_correlationid: 'a b' });
    expect(command.envelope.traceparent).toBeUndefined();
    expect(command.envelope.correlationId).toBe(command.envelope.commandId);
  });
});

describe('a record that is no command', () => {
  const good = '{"amount":100}';
  const notText = Buffer.from([0xff, 0xfe]);
  const cases: [string, string, Parameters<typeof record>][] = [
    ['has no key', 'REQUEST.INVALID_ID', [good, DEPOSIT, null]],
    ['has a key that is no id', 'REQUEST.INVALID_ID', [good, DEPOSIT, 'a/b']],
    ['has another subject than its key', 'REQUEST.INVALID_HEADER', [good, { ...DEPOSIT, ce_subject: 'bob' }]],
    ['has no type', 'REQUEST.INVALID_HEADER', [good, {}]],
    ['has an unknown type', 'COMMAND.UNKNOWN_TYPE', [good, { ce_type: 'Steal' }]],
    ['has a type that every object has', 'COMMAND.UNKNOWN_TYPE', [good, { ce_type: 'constructor' }]],
    ['has an internal type', 'COMMAND.UNKNOWN_TYPE', ['{"holdId":"h"}', { ce_type: 'ExpireHold' }]],
    ['is of another version', 'REQUEST.INVALID_HEADER', [good, { ...DEPOSIT, ce_specversion: '0.3' }]],
    ['is no JSON', 'REQUEST.MALFORMED_JSON', ['{"amount":']],
    ['names a key twice', 'REQUEST.MALFORMED_JSON', ['{"amount":1,"amount":2}']],
    ['is no text', 'REQUEST.MALFORMED_JSON', [notText]],
    ['breaks the schema', 'REQUEST.INVALID_BODY', ['{"amount":-1,"more":2}']],
    ['says it is XML', 'REQUEST.UNSUPPORTED_MEDIA_TYPE', [good, { ...DEPOSIT, 'content-type': 'text/xml' }]],
    ['has an unreadable id', 'REQUEST.INVALID_HEADER', [good, { ...DEPOSIT, ce_id: notText }]],
    ['has an empty id', 'REQUEST.INVALID_HEADER', [good, { ...DEPOSIT, ce_id: '' }]],
    [
      'has its type twice',
      'REQUEST.INVALID_HEADER',
      [good, { ce_type: [Buffer.from('Deposit'), Buffer.from('Close')] }],
    ],
    ['expects no revision', 'REQUEST.INVALID_HEADER', [good, { ...DEPOSIT, perdure_expectedrevision: '-1' }]],
    [
      'wants a reply among our events',
      'REQUEST.INVALID_HEADER',
      [good, { ...DEPOSIT, perdure_replyto: 'perdure.account.events.v1' }],
    ],
    ['is too large', 'REQUEST.TOO_LARGE', [`{"amount":1,"reference":"${'x'.repeat(70_000)}"}`]],
    ['has too large headers', 'REQUEST.HEADERS_TOO_LARGE', [good, { ...DEPOSIT, more: 'x'.repeat(17_000) }]],
  ];

  it.each(cases)('%s: %s', (_what, code, of) => {
    expect(problemOf(...of).code).toBe(code);
  });

  it('becomes a letter of the same bytes with the reason', () => {
    const of = record(notText, { ...DEPOSIT, own: notText });
    const letter = toDeadLetter(of, problemOf(notText, DEPOSIT));
    expect(letter).toMatchObject({ key: of.raw.key, value: of.raw.value });
    expect(letter.headers['own']).toEqual([notText]);
    const said = Object.fromEntries(
      Object.entries(letter.headers).flatMap(([name, [value]]) =>
        name.startsWith('perdure_dlq_') ? [[name, String(value)]] : [],
      ),
    );
    expect(said).toEqual({
      perdure_dlq_code: 'REQUEST.MALFORMED_JSON',
      perdure_dlq_detail: 'the value is not UTF-8',
      perdure_dlq_topic: 'perdure.account.commands.v1',
      perdure_dlq_partition: '3',
      perdure_dlq_offset: '17',
      perdure_dlq_timestamp: '1700000000000',
    });
  });

  it('names each thing that is wrong with its data', () => {
    const letter = toDeadLetter(record('{}'), problemOf('{"amount":-1,"more":2}'));
    const errors = JSON.parse(String(letter.headers['perdure_dlq_errors']?.[0])) as { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/amount', '/more']);
  });
});

describe('a command from a sender', () => {
  const sender = (roles: readonly string[], tenant = 'acme'): Caller => {
    return { tenant, id: 'service:desk', kind: 'service', roles };
  };
  const good = '{"amount":100}';

  it('who may do it carries its name, and is for an entity of its tenant', () => {
    const { stream, envelope } = decodeFrom(sender(['teller']), good);
    expect(stream).toBe('account-acme.alice');
    expect(envelope.actor).toBe('service:desk');
    expect(envelope).not.toHaveProperty('onlyFor');
  });

  it('who may do it with what it owns is for that only', () => {
    const { envelope } = decodeFrom(sender([]), '{}', { ce_type: 'Close' });
    expect(envelope).toMatchObject({ actor: 'service:desk', onlyFor: 'service:desk' });
    expect(envelope).not.toHaveProperty('roles');
  });

  it('who may do it with what it owns says its roles, by which things may belong to it', () => {
    const { envelope } = decodeFrom(sender(['clerk']), '{}', { ce_type: 'Close' });
    expect(envelope).toMatchObject({ onlyFor: 'service:desk', roles: ['clerk'] });
  });

  it('who may not do it is refused, before its data are looked at', () => {
    const refused = () => decodeFrom(sender(['warehouse']), '{"amount":', DEPOSIT);
    expect(refused).toThrow(expect.objectContaining({ code: 'ACCESS.DENIED', status: 403 }));
  });

  it('has keys of its own', () => {
    const idFor = (of: Caller) => decodeFrom(of, good).envelope.keyId;
    const teller = sender(['teller']);
    const keys = [teller, { ...teller, id: 'service:other' }, sender(['teller'], 'bolt'), anybody].map(idFor);
    expect(new Set(keys).size).toBe(4);
    expect(idFor(sender(['teller', 'supervisor']))).toBe(keys[0]);
  });

  it('who may not name a field is refused if it does', () => {
    const item = { sku: 'cd', quantity: 1, unitPrice: 1, currency: 'EUR' };
    const add = (roles: readonly string[], data: object) => {
      const of = record(JSON.stringify(data), { ...DEPOSIT, ce_type: 'AddItem' });
      return decodeCommand(cartContract, of, sender(roles)).envelope.data;
    };
    const { unitPrice: _, currency: __, ...unpriced } = item;
    expect(add(['storefront', 'pricing'], item)).toEqual(item);
    expect(add(['storefront'], unpriced)).toEqual(unpriced);
    expect(() => add(['storefront'], item)).toThrow(expect.objectContaining({ code: 'ACCESS.DENIED' }));
  });
});
