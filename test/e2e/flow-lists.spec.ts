import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel, type Producer } from 'kafkajs';
import { commandsTopic } from '#contracts/entity-contract.js';
import { authorized } from '#libs/testing/authorized.js';
import { brokers } from '../integration/read-path-kit.js';
import { eventually, post, request, type Reply } from '../support/account-rest.js';
import { askDoctor } from '../support/doctor.js';
import { listed } from '../support/listed.js';

const wait = { prefer: 'wait=20' };
const url = (path: string): string => `${process.env['PERDURE_URL']}/v1/flows${path}`;
const payment = { reference: 'order 1', amount: 1_250, currency: 'USD', card: 'tok_visa' };

let producer: Producer;
beforeAll(async () => {
  producer = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
});
afterAll(() => producer.disconnect());

function tell(type: string, id: string, command: string, body: object): Promise<Reply> {
  return post(url(`/${type}/${id}/${command}`), body, wait);
}

/** The card payment, once its state is as it should be. */
function paymentOnce(id: string, isSo: (state: Reply['body']) => boolean): Promise<Reply['body']> {
  return eventually(async () => (await request(url(`/card-payment/${id}`))).body, isSo, 60_000);
}

it('a flow is started from Kafka, and gets the defaults of its input', async () => {
  const id = randomUUID();
  const headers = {
    ce_specversion: '1.0',
    ce_type: 'Start',
    ce_subject: id,
    ce_id: randomUUID(),
    ...authorized(),
  };
  const messages = [{ key: id, value: JSON.stringify(payment), headers }];
  await producer.send({ topic: commandsTopic('cardPayment'), messages, acks: -1 });
  const { input } = await paymentOnce(id, ({ status }) => status === 'running');
  expect(input).toEqual({ ...payment, settleAfter: '24h' });
  await tell('card-payment', id, 'cancel', { reason: 'a test' });
});

it('a flow may sleep until the end of time', async () => {
  const id = randomUUID();
  await tell('card-payment', id, 'start', { ...payment, settleAfter: '999999999d' });
  const until = '9999-12-31T23:59:59.999Z';
  const { waits } = await paymentOnce(id, (state) => (state['waits'] as unknown[] | undefined)?.length === 1);
  expect(waits).toMatchObject([{ kind: 'sleep', name: 'settle', until }]);
  const repeated = await tell('card-payment', id, 'start', payment);
  expect(repeated).toMatchObject({ status: 409, body: { code: 'FLOW.ALREADY_STARTED' } });
  const rows = await listed(url('/card-payment?status=running'), repeated);
  expect(rows.find((row) => row['id'] === id)).toMatchObject({ waitsFor: 'sleep settle', waitUntil: until });
  await tell('card-payment', id, 'cancel', { reason: 'a test' });
  await paymentOnce(id, ({ status }) => status === 'cancelled');
});

describe('two flows of the same id', () => {
  it('are kept apart in the lists of their types, of all types, and by the doctor', async () => {
    const id = randomUUID();
    const input = { cart: randomUUID(), to: 'alice@example.com', after: '30d' };
    const [paid, reminded] = await Promise.all([
      tell('card-payment', id, 'start', payment),
      tell('cart-reminder', id, 'start', input),
    ]);
    const typesIn = async (path: string, written: Reply) =>
      (await listed(url(path), written)).filter((row) => row['id'] === id).map(({ type }) => type);
    expect(await typesIn('/card-payment', paid)).toEqual(['cardPayment']);
    expect(await typesIn('/cart-reminder?status=running', reminded)).toEqual(['cartReminder']);
    expect(await typesIn('?type=cartReminder', reminded)).toEqual(['cartReminder']);
    expect(await typesIn('', reminded)).toEqual(expect.arrayContaining(['cartReminder']));
    expect(await typesIn('', paid)).toEqual(['cardPayment', 'cartReminder']);
    await tell('card-payment', id, 'cancel', { reason: 'a test' });
    await paymentOnce(id, ({ status }) => status === 'cancelled');
    const account = String(process.env['ACCOUNT_URL']);
    expect(await askDoctor(account, { stream: `cardPayment-default.${id}` })).toEqual([]);
    await tell('cart-reminder', id, 'cancel', { reason: 'a test' });
  });
});
