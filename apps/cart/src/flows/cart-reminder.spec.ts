import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { playFlow } from '#libs/testing/played-flow.js';
import { cartReminderCalls, remindOfCart } from './cart-reminder.flow.js';

const disc = { sku: 'cd', quantity: 2, unitPrice: 1499 };
const open = { status: 'open', lines: [disc] };

function play(state: JsonObject | undefined, changes: readonly string[] = [], more: object = {}) {
  const mails: JsonObject[] = [];
  const played = playFlow(
    {
      main: remindOfCart,
      policies: cartReminderCalls,
      input: { cart: 'c1', to: 'ann@example.com', after: '24h', ...more },
    },
    {
      calls: { 'send-mail': (mail) => (mails.push(mail), { messageId: '<1@shop>' }) },
      states: state ? { 'cart-default.c1': state } : {},
      messages: changes.map((at) => ({ at, name: 'CartChanged' })),
    },
  );
  return played.then((how) => ({ ...how, mails }));
}

describe('the reminder of a cart', () => {
  it('is sent when the cart has not changed for a day', async () => {
    expect(await play(open)).toEqual({
      end: { status: 'completed', result: { status: 'sent' } },
      calls: ['send-mail at 24 h'],
      mails: [
        {
          to: 'ann@example.com',
          subject: 'Your cart is waiting',
          text: 'There are 2 pieces in your cart. They are not reserved for you.',
        },
      ],
    });
  });

  it('waits again from each change', async () => {
    expect((await play(open, ['10h', '11h', '30h'])).calls).toEqual(['send-mail at 54 h']);
  });

  it('waits as long as the input says', async () => {
    expect((await play(open, ['1h'], { after: '90m' })).calls).toEqual(['send-mail at 2.5 h']);
  });

  it.each([
    ['was never created', undefined],
    ['is empty', { status: 'open', lines: [] }],
    ['is being bought', { status: 'checking-out', lines: [disc] }],
    ['was bought', { status: 'completed', lines: [disc] }],
    ['has expired', { status: 'expired', lines: [disc] }],
  ])('is not needed if the cart %s', async (_, state) => {
    expect(await play(state)).toMatchObject({
      end: { status: 'completed', result: { status: 'not-needed' } },
      mails: [],
    });
  });

  it('starts a new round after 500 changes', async () => {
    const changes = Array.from({ length: 500 }, (_, index) => `${index}m`);
    expect((await play(open, changes)).end).toEqual({ status: 'next', state: {} });
  });
});
