import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { allAnswer, eventually, insistOn, read, request } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';
import { replayErrors } from '../support/replayed-runs.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';

const AT_ONCE = 16;
const AMOUNT = 100;
/** Messages for each reminder, so that some are under way at each kill. */
const REMINDERS = 8;
const KILLED = [
  'account',
  'cart',
  'temporal',
  'event-store',
  'payment-sandbox',
  'kafka',
  'postgres',
] as const;
/** A loaded machine needs several attempts of everything. */
const PATIENCE_MILLISECONDS = 240_000;
const CARDS = ['tok_visa', 'tok_lost_reply', 'tok_slow_1', 'tok_fails_later'];

const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;
const flowAt = (type: string, id: string, path = ''): string => url(`/v1/flows/${type}/${id}${path}`);

/** Waits until everything that was killed answers again. */
const allBack = () =>
  allAnswer([url('/health/ready'), `${process.env['CARD_PROVIDER_URL']}/health/live`], PATIENCE_MILLISECONDS);

const bundleOf = (app: string): string => resolve('dist/apps', app, 'workflows.bundle.js');

interface Payment {
  readonly id: string;
  readonly amount: number;
  readonly state: string;
}

describe('flows while what they need is killed', () => {
  it('each end once: nobody is charged twice, and no message is lost', async () => {
    const random = seededRandom(printedSeed());
    const reference = randomUUID();
    const payments = Array.from({ length: depthOf('FLOWS') }, (_, index) => `${reference}-${index}`);
    const reminders = Array.from({ length: REMINDERS }, (_, index) => `${reference}-r${index}`);
    const settleAfter = `${10 + Math.ceil(payments.length / 10)}s`;
    for (const id of reminders) {
      const input = { cart: `cart-${id}`, to: 'someone@shop.example', after: '1h' };
      await insistOn(flowAt('cart-reminder', id, '/start'), randomUUID(), input, { prefer: 'wait=5' });
    }
    const working = Promise.all([
      eachOf(payments, AT_ONCE, async (id) => {
        const card = CARDS[Math.floor(random() * CARDS.length)] ?? '';
        const input = { reference, amount: AMOUNT, currency: 'EUR', card, settleAfter };
        await insistOn(flowAt('card-payment', id, '/start'), randomUUID(), input);
        await pause(50);
      }),
      eachOf([...payments.keys()], AT_ONCE, async (index) => {
        const id = reminders[index % REMINDERS] ?? '';
        await insistOn(flowAt('cart-reminder', id, '/cart-changed'), randomUUID(), {});
        await pause(50);
      }),
    ]);
    working.catch(() => undefined); // told where it is awaited
    for (let kill = 0; kill < KILLED.length * depthOf('KILLS'); kill += 1) {
      await allBack();
      killServer(KILLED[kill % KILLED.length] ?? 'account');
      await pause(1_000);
    }
    await working;
    await allBack();

    const states: string[] = [];
    for (const id of payments) {
      const { body } = await eventually(
        () => request(flowAt('card-payment', id)),
        ({ body: flow }) => flow['endedAt'] !== undefined,
        PATIENCE_MILLISECONDS,
      );
      expect(body).toMatchObject({ status: 'completed' });
      states.push((body['result'] as { state: string }).state);
    }
    const succeeded = states.filter((state) => state === 'succeeded').length;
    const { body: book } = await read(`${process.env['CARD_PROVIDER_URL']}/payments?reference=${reference}`);
    expect(book).toMatchObject({ count: payments.length });
    const charged = (book['payments'] as readonly Payment[]).filter(({ state }) => state === 'succeeded');
    expect(charged).toHaveLength(succeeded);

    const received = await Promise.all(
      reminders.map(async (id) => Number((await read(flowAt('cart-reminder', id))).body['received'])),
    );
    expect(received.reduce((sum, count) => sum + count, 0)).toBe(payments.length);
    for (const id of reminders) {
      await insistOn(flowAt('cart-reminder', id, '/cancel'), randomUUID(), { reason: 'the test is over' });
    }
    const workflows = [
      ...payments.map((id) => ({ workflowId: streamName('cardPayment', id), codePath: bundleOf('account') })),
      ...reminders.map((id) => ({ workflowId: streamName('cartReminder', id), codePath: bundleOf('cart') })),
    ];
    const address = process.env['TEMPORAL_ADDRESS'] ?? '';
    const client = connectTemporal({ address, namespace: 'default' });
    expect(await replayErrors(client, workflows)).toEqual({});
    await client.connection.close();
  }, 900_000);
});
