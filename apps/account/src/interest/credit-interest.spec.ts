import { describe, expect, it } from '@jest/globals';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { deposited, opened } from '../domain/account.fixture.js';
import { creditInterest } from './credit-interest.js';

const terms = { rateBasisPoints: 365, dayCount: 'actual/365' } as const;
const of = { stream: 'interestRun-acme.r-1', trace: { correlationId: 'c-1' } };

/** An account of acme with a deposit, and a door that answers so. */
async function account(amount: number, answer: Partial<Receipt> = { status: 'accepted', revision: 2 }) {
  const store = new MemoryEventStore();
  const stream = 'account-acme.a';
  await store.append(stream, -1, historyOf(stream, [opened, deposited(amount)], '2026-09-30T12:00:00.000Z'));
  const sent: { readonly stream: string; readonly envelope: CommandEnvelope }[] = [];
  const door = {
    execute: async (to: string, [envelope]: readonly CommandEnvelope[]) => {
      if (!envelope) return [];
      sent.push({ stream: to, envelope });
      return [{ commandId: envelope.commandId, ...answer } as Receipt];
    },
  };
  const credit = (month = '2026-10', rate: number = terms.rateBasisPoints) =>
    creditInterest('a', { ...of, data: { month, terms: { ...terms, rateBasisPoints: rate } }, door, store });
  return { sent, credit };
}

describe('an account that gets interest', () => {
  it('is sent the amount of the month, on behalf of the caller', async () => {
    const { sent, credit } = await account(1_000_000);
    expect(await credit()).toMatchObject({
      outcome: 'done',
      value: { USD: { accounts: 1, amount: 3_100 } },
      record: { account: 'a', amount: 3_100, currency: 'USD', revision: 2 },
    });
    const data = { month: '2026-10', amount: 3_100, currency: 'USD', ...terms };
    const envelope = { type: 'CreditInterest', data, actor: of.stream, ...of.trace };
    expect(sent).toMatchObject([{ stream: 'account-acme.a', envelope }]);
  });

  it('is sent the same command again, but another for another month or rate', async () => {
    const { sent, credit } = await account(1_000_000);
    await credit();
    await credit();
    await credit('2026-12');
    await credit('2026-10', 100);
    const ids = sent.map(({ envelope: { keyId } }) => keyId);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  it('is sent nothing if that is its interest', async () => {
    const { sent, credit } = await account(100);
    expect(await credit()).toEqual({ outcome: 'done' });
    expect(sent).toEqual([]);
  });

  it('is rejected or has failed with the reason', async () => {
    const refusal = { status: 'rejected', code: 'ACCOUNT.CLOSED', detail: 'closed' } as const;
    const { credit } = await account(1_000_000, refusal);
    const { status: outcome, ...reason } = refusal;
    expect(await credit()).toMatchObject({ outcome, ...reason, record: { account: 'a', amount: 3_100 } });
  });

  it.each<[string, Partial<Receipt>]>([
    ['has not decided', { status: 'pending' }],
    ['may have decided', { status: 'rejected', code: 'COMMAND.OUTCOME_UNKNOWN', detail: 'behind' }],
  ])('that %s is asked again', async (_, answer) => {
    await expect((await account(1_000_000, answer)).credit()).rejects.toThrow();
  });
});
