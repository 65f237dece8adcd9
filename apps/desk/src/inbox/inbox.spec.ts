import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { JsonObject } from '#libs/core/json.js';
import { UnavailableError } from '#libs/core/problems.js';
import type { Caller } from '#libs/identity/caller.js';
import { Inbox } from './inbox.js';

const at = '2026-01-01T00:00:00.000Z';
const user = (...roles: string[]): Caller => ({ tenant: 'default', id: 'olivia', kind: 'user', roles });
const operator = user('operator');

const tables: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  sagas_v3: [
    { saga: 'checkout', tenant: 'acme', id: 'c1', stuck_steps: 'capture', stuck_since: new Date(at) },
    { saga: 'transfer', tenant: 'default', id: 't1', stuck_steps: 'hold', stuck_since: new Date(at) },
    { saga: 'transfer', tenant: 'default', id: 't2', stuck_steps: 'hold', stuck_since: new Date(at) },
  ],
  flows_v2: [{ tenant: 'default', type: 'cardPayment', id: 'p1' }],
  approvals_v1: [
    {
      ...{ tenant: 'default', id: 'a-1', subject: 'Order o-7', content_hash: 'f'.repeat(64) },
      ...{ deadline: new Date(at), requested_at: new Date(at) },
    },
  ],
};
const states: Readonly<Record<string, JsonObject>> = {
  'checkout-acme.c1': {
    steps: [
      { name: 'reserve', status: 'done', at },
      { name: 'capture', status: 'stuck', at, refusal: { code: 'ACCOUNT.NO_SUCH_HOLD', detail: 'no hold' } },
    ],
  },
  'transfer-default.t1': { steps: [{ name: 'hold', status: 'running', at, overdueAt: at }] },
  'transfer-default.t2': { steps: [{ name: 'hold', status: 'done', at }] },
  'cardPayment-default.p1': {
    stuck: [{ name: 'charge', code: 'CARD.REFUSED', detail: 'no refund', since: at }],
  },
};

function inboxOf(ask = async (stream: string) => states[stream]) {
  const asked: { table: string; values: readonly unknown[] }[] = [];
  const query = async (text: string, values: readonly unknown[]) => {
    const [, table = ''] = /FROM read_model\.(\w+) found/.exec(text) ?? [];
    asked.push({ table, values });
    return { rows: (tables[table] ?? []).slice(0, Number(values.at(-1))) };
  };
  return { inbox: new Inbox({ query } as unknown as Pool, { ask }), asked };
}

const page = (limit = 50, more: object = {}) => ({ limit, cursor: undefined, kind: undefined, ...more });

describe('the inbox of an operator', () => {
  it('has the steps and compensations that wait, and what can be done about each', async () => {
    const { data } = await inboxOf().inbox.page(operator, page());
    expect(data.map(({ kind, type, id }) => `${kind} ${type} ${id}`)).toEqual([
      'saga checkout c1',
      'saga transfer t1',
      'flow cardPayment p1',
      'approval approval a-1',
    ]);
    expect(data[0]).toMatchObject({
      waiting: [
        { name: 'capture', status: 'stuck', since: at, code: 'ACCOUNT.NO_SUCH_HOLD', detail: 'no hold' },
      ],
      actions: [
        { name: 'retry', href: '/v1/checkouts/c1/retry-step?tenant=acme', body: { step: 'capture' } },
        { name: 'resolve', href: '/v1/checkouts/c1/resolve-step?tenant=acme', body: { step: 'capture' } },
      ],
    });
    // It is being retried.
    expect(data[1]).toMatchObject({
      waiting: [{ name: 'hold', status: 'overdue' }],
      actions: [{ name: 'resolve', href: '/v1/transfers/t1/resolve-step' }],
    });
    expect(data[2]).toMatchObject({
      waiting: [{ name: 'charge', status: 'stuck', code: 'CARD.REFUSED' }],
      actions: [
        { href: '/v1/flows/card-payment/p1/retry-compensation', body: { name: 'charge' } },
        { href: '/v1/flows/card-payment/p1/resolve-compensation', body: { name: 'charge' } },
      ],
    });
    const body = { contentHash: 'f'.repeat(64) };
    expect(data[3]).toMatchObject({
      actions: [
        { href: '/v1/approvals/a-1/approve', body },
        { href: '/v1/approvals/a-1/reject', body },
      ],
    });
  });

  it('tells what the lists know while a service does not answer', async () => {
    let asked = 0;
    const away = async () => {
      asked += 1;
      throw new UnavailableError('worker');
    };
    const { data } = await inboxOf(away).inbox.page(operator, page(50, { kind: 'saga' }));
    expect(data).toHaveLength(3);
    expect(data[0]).toMatchObject({ waiting: [{ name: 'capture' }], actions: [{ name: 'resolve' }] });
    expect(asked).toBe(3);
  });

  it('comes in pages, each kind after the other', async () => {
    const { inbox } = inboxOf();
    const first = await inbox.page(operator, page(3));
    expect(first.data.map(({ id }) => id)).toEqual(['c1', 't1']);
    const second = await inbox.page(operator, page(1, { cursor: first.nextCursor }));
    expect(second.data.map(({ id }) => id)).toEqual(['p1']);
    const third = await inbox.page(operator, page(2, { cursor: second.nextCursor }));
    expect([third.data.map(({ id }) => id), third.nextCursor]).toEqual([['a-1'], undefined]);
    await expect(inbox.page(operator, page(1, { cursor: 'x' }))).rejects.toThrow('cursor');
  });
});

describe('the inbox', () => {
  const asking = async (caller: Caller) => {
    const { inbox, asked } = inboxOf();
    await inbox.page(caller, page());
    return asked;
  };

  it('has sagas and flows of all tenants for operators, and of their own for supervisors', async () => {
    expect((await asking(operator)).map(({ table, values }) => [table, values.includes('default')])).toEqual([
      ['sagas_v3', false],
      ['flows_v2', false],
      ['approvals_v1', true],
    ]);
    expect((await asking(user('supervisor'))).map(({ values }) => values.includes('default'))).toEqual([
      true,
      true,
      true,
    ]);
    expect((await asking({ ...operator, tenant: 'acme' })).map(({ table }) => table)).toEqual([
      'approvals_v1',
    ]);
  });

  it('has approvals for everybody, by name and by role', async () => {
    const [only, ...others] = await asking(user('teller'));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ table: 'approvals_v1' });
    expect(only?.values).toContainEqual(['user:olivia', 'role:teller']);
  });
});
