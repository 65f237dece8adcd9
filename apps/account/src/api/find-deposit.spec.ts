import { describe, expect, it } from '@jest/globals';
import type { EntityGateway, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { moment } from '#libs/testing/moments.js';
import { findDeposit } from './find-deposit.js';

const data = { deposit: 'd-1', amount: 100, reason: 'sent twice' };

const accepted = (...events: string[]): Receipt => {
  return { status: 'accepted', commandId: 'd-1', revision: 7, events, at: moment() };
};

/** What the reversal becomes if the command of the deposit has this receipt. */
async function completed(receipt: Receipt | undefined, commandId = 'd-1') {
  const asked: unknown[] = [];
  const gateway: Pick<EntityGateway, 'ask' | 'receipt' | 'events'> = {
    ask: async () => undefined,
    receipt: async () => receipt,
    events: async (stream, options) => {
      asked.push([stream, options]);
      const types = receipt?.status === 'accepted' ? receipt.events : [];
      const written = types.map((type) => ({ type, data: { amount: 150 }, metadata: { commandId } }));
      return written as unknown as readonly RecordedEvent[];
    },
  };
  const context = { stream: 'account-acme.alice', tenant: 'acme', at: moment(), gateway };
  return { data: await findDeposit(data, context), asked };
}

describe('a deposit to be reversed', () => {
  it('is found by its command, among the events of that command', async () => {
    expect(await completed(accepted('HoldExpired', 'MoneyDeposited'))).toEqual({
      data: { ...data, deposited: 150 },
      asked: [['account-acme.alice', { from: 6, limit: 2 }]],
    });
  });

  it.each<[string, Receipt | undefined]>([
    ['that was never received', undefined],
    ['that is not decided', { status: 'pending', commandId: 'd-1' }],
    [
      'that was rejected',
      { status: 'rejected', commandId: 'd-1', revision: 7, code: 'NO', detail: 'no', at: moment() },
    ],
    ['that deposited nothing', accepted('MoneyWithdrawn')],
  ])('is not found for a command %s', async (_, receipt) => {
    expect((await completed(receipt)).data).toEqual(data);
  });

  it('is not that of another command', async () => {
    expect((await completed(accepted('MoneyDeposited'), 'd-2')).data).toEqual(data);
  });
});
