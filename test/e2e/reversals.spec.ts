import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { command, type Reply } from '../support/account-rest.js';
import { listed } from '../support/listed.js';
import { done, url, wait } from '../support/shop.js';

const tell = (account: string, name: string, body: object): Promise<Reply> =>
  command(url(), account, name, body, wait);

const reverse = (account: string, deposit: unknown, amount: number): Promise<Reply> =>
  tell(account, 'reverse-deposit', { deposit, amount, reason: 'sent twice' });

describe('a mistaken deposit', () => {
  it('is found by its command, taken back once, and shown on the statement', async () => {
    const account = `reversal-${randomUUID()}`;
    await done(tell(account, 'open', { owner: 'Alice', currency: 'EUR' }));
    await done(tell(account, 'deposit', { amount: 100 }));
    const { body: mistaken } = await done(tell(account, 'deposit', { amount: 100 }));
    const { body: withdrawn } = await done(tell(account, 'withdraw', { amount: 10 }));
    const { commandId } = mistaken;
    expect(await reverse(account, commandId, 101)).toMatchObject({
      status: 422,
      body: { code: 'DEPOSIT.AMOUNT_EXCEEDED' },
    });
    const last = await done(reverse(account, commandId, 100));
    expect(await reverse(account, commandId, 1)).toMatchObject({
      status: 409,
      body: { code: 'DEPOSIT.REVERSED' },
    });
    for (const other of [withdrawn['commandId'], randomUUID()]) {
      expect(await reverse(account, other, 10)).toMatchObject({
        status: 404,
        body: { code: 'DEPOSIT.NOT_FOUND' },
      });
    }
    const statement = await listed(url(`/v1/accounts/${account}/statement`), last);
    expect(statement.at(-1)).toMatchObject({ kind: 'deposit-reversed', amount: 100, balance: 90 });
    expect(await listed(url(`/v1/accounts?owner=Alice`), last)).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: account, balance: 90 })]),
    );
  });
});
