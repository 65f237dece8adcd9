import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { mailCalls } from '#libs/entity/activities/mail-calls.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { cardCalls } from '../../apps/account/src/activities/card.calls.js';
import { read } from '../support/account-rest.js';

const PAYMENTS = 160;
const MESSAGES = 60;
const AT_ONCE = 16;
const RETRY_MILLISECONDS = 200;

const cards = ['tok_visa', 'tok_lost_reply', 'tok_unavailable', 'tok_slow_1'];

/** Makes calls until they are answered, and kills the provider after some of the answers. */
class Caller {
  private answers = 0;
  retries = 0;

  constructor(
    private readonly provider: string,
    private readonly killAfter: readonly number[],
  ) {}

  async insistOn(call: Call | undefined, data: JsonObject, key: string): Promise<JsonObject> {
    for (;;) {
      try {
        const result = await call?.(data, key, 'flow-default.test');
        this.answers += 1;
        if (this.killAfter.includes(this.answers)) killServer(this.provider);
        return result ?? {};
      } catch (error) {
        if (error instanceof EffectRefusedError) throw error;
        this.retries += 1;
        await pause(RETRY_MILLISECONDS);
      }
    }
  }
}

it('a card provider that is killed charges and refunds each payment once', async () => {
  const url = process.env['CARD_PROVIDER_URL'] ?? '';
  const calls = cardCalls(url);
  const reference = randomUUID();
  const caller = new Caller('payment-sandbox', [50, PAYMENTS + 20]);
  const amounts = Array.from({ length: PAYMENTS }, (_, index) => index + 1);
  const ids = new Map<number, string>();
  await eachOf(amounts, AT_ONCE, async (amount) => {
    const card = cards[amount % cards.length] ?? '';
    const order = { reference, amount, currency: 'EUR', card };
    const { id } = await caller.insistOn(calls['charge-card'], order, `${reference}-${amount}`);
    ids.set(amount, id as string);
  });
  const sum = (some: readonly number[]) => some.reduce((total, amount) => total + amount, 0);
  const listed = async () => (await read(`${url}/payments?reference=${reference}`)).body;
  expect(await listed()).toMatchObject({ count: PAYMENTS, charged: { EUR: sum(amounts) } });

  const refunded = amounts.filter((amount) => amount % 3 === 0);
  await eachOf(refunded, AT_ONCE, async (amount) => {
    const data = { id: ids.get(amount) ?? '' };
    await caller.insistOn(calls['refund-card'], data, `${reference}-${amount}-refund`);
  });
  const { charged, payments } = await listed();
  expect(charged).toEqual({ EUR: sum(amounts) - sum(refunded) });
  for (const { amount, history } of payments as { amount: number; history: { state: string }[] }[]) {
    const refunds = history.filter(({ state }) => state === 'refunded').length;
    expect([amount, refunds]).toEqual([amount, amount % 3 === 0 ? 1 : 0]);
  }
  expect(caller.retries).toBeGreaterThan(PAYMENTS / 2);
});

it('a mail server that is killed keeps each message once', async () => {
  const calls = mailCalls(process.env['MAIL_URL'] ?? '', 'shop@shop.example');
  const unique = randomUUID();
  const caller = new Caller('mail-sandbox', [20]);
  const addresses = Array.from(
    { length: MESSAGES },
    (_, index) => `${index % 4 ? 'alice' : 'lost'}-${index}-${unique}@example.com`,
  );
  await eachOf(addresses, AT_ONCE, async (to) => {
    await caller.insistOn(calls['send-mail'], { to, subject: 'Your cart', text: 'is waiting' }, randomUUID());
  });
  for (const to of addresses) {
    const { body } = await read(`${process.env['MAIL_SANDBOX_URL']}/messages?to=${to}`);
    expect([to, body['count']]).toEqual([to, 1]);
  }
  expect(caller.retries).toBeGreaterThanOrEqual(MESSAGES / 4);
});
