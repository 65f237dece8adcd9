import { describe, it } from '@jest/globals';
import { cartReminderContract } from '#contracts/cart-reminder/cart-reminder.contract.js';
import { testFlow } from '#libs/testing/test-flow.js';
import { createCartDecider } from '../../../apps/cart/src/domain/cart.decider.js';
import { added, created, timing } from '../../../apps/cart/src/domain/cart.fixture.js';
import { cartReminderCalls } from '../../../apps/cart/src/flows/cart-reminder.flow.js';

const { react: _, ...cartDecider } = createCartDecider(timing);
const to = 'ann@example.com';
const mail = {
  to,
  subject: 'Your cart is waiting',
  text: 'There are 2 pieces in your cart. They are not reserved for you.',
};

describe('the reminder of a cart', () => {
  const reminders = testFlow(cartReminderContract, {
    workflowBundle: 'dist/apps/cart/workflows.bundle.js',
    calls: cartReminderCalls,
    deciders: [cartDecider],
    alwaysReplay: true,
  });

  it('is sent a day after the last change', () =>
    reminders
      .given({ cart: 'left', to }, { histories: { 'cart-default.left': [created, added('cd', 2, 1499)] } })
      .thenWaitsFor('CartChanged')
      .whenTimePasses('23h')
      .whenReceives('CartChanged', {})
      .whenTimePasses('23h')
      .thenCalls()
      .whenTimePasses('1h')
      .thenCalls(['send-mail', mail])
      .thenCompletes({ status: 'sent' }));

  it('is not needed for an empty cart', () =>
    reminders
      .given({ cart: 'empty', to }, { histories: { 'cart-default.empty': [created] } })
      .whenTimePasses('24h')
      .thenCalls()
      .thenCompletes({ status: 'not-needed' }));
});
