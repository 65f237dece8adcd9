import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import type { JsonObject } from '#libs/core/json.js';
import { historyOf } from '#libs/testing/history.js';
import { HOUR } from '#libs/testing/moments.js';
import type { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { requested } from '../../../apps/desk/src/domain/approval.fixture.js';
import { ProbeDriver } from './probe-server.js';

const HOUR_MS = HOUR * 1_000;

type Recorded = (server: TimeSkippingServer) => Promise<ProbeDriver>;

/** A script that ends by itself. */
const alone =
  (script: string, input = {}): Recorded =>
  async (server) => {
    const probe = new ProbeDriver(server);
    await probe.start(script, input);
    await probe.ended();
    return probe;
  };

/** A script to which something happens once it waits. */
const then =
  (
    script: string,
    input: object,
    next: (probe: ProbeDriver, server: TimeSkippingServer) => Promise<unknown>,
  ) =>
  async (server: TimeSkippingServer): Promise<ProbeDriver> => {
    const probe = new ProbeDriver(server);
    await probe.start(script, { ...input });
    await probe.until(({ waits }) => waits.length > 0);
    await next(probe, server);
    await probe.ended();
    return probe;
  };

const cancelIt = (probe: ProbeDriver) => probe.send('Cancel', { reason: 'enough' });
const endCallback = (outcome: CallbackOutcome) => (probe: ProbeDriver) =>
  probe.send('EndCallback', { place: `${probe.stream}/delivered`, outcome: { ...outcome } });
const note = (text: string) => (probe: ProbeDriver) => probe.send('Note', { text });

/** Runs of probes that use every verb, by the names of their files in `histories/flows`. */
export const recordedProbes: Readonly<Record<string, Recorded>> = {
  call: alone('call'),
  'call-exhausted': alone('thrice'),
  sleep: then('sleep', { time: '30d' }, (_, server) => server.skip(30 * 24 * HOUR_MS)),
  'receive-in-time': then('timeout', { time: '1h' }, note('here')),
  'receive-late': then('timeout', { time: '1h' }, (_, server) => server.skip(HOUR_MS)),
  'spawn-child': async (server) => alone('parent', { script: 'call', id: randomUUID() })(server),
  'all-together': alone('all'),
  'all-one-fails': then('allFails', {}, (_, server) => server.skip(2_000)),
  'race-note': then('race', {}, note('first')),
  'each-item': alone('each', { count: 7 }),
  'undo-failed': alone('undo'),
  'undo-cancelled': then('undo', { cancel: true }, cancelIt),
  'shield-cancelled': then('undo', { cancel: true, shielded: true }, async (probe, server) => {
    await cancelIt(probe);
    await server.skip(10_000);
  }),
  'progress-often': async (server) => {
    const probe = new ProbeDriver(server);
    await probe.start('progress');
    await server.skip(12_000);
    await probe.ended();
    return probe;
  },
  'callback-completed': then('callback', {}, endCallback({ status: 'completed', result: { by: 'Ann' } })),
  'callback-failed': then(
    'callback',
    { heartbeat: '10m' },
    endCallback({ status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' }),
  ),
  'callback-cancelled': then('callback', {}, cancelIt),
  rounds: then('endless', {}, async (probe) => {
    for (const text of ['1', '2', '3', 'stop']) await note(text)(probe);
  }),
  versioned: alone('versioned'),
};

/** The flow of an application, whose messages and input are its own. */
const ofApp =
  (category: string, input: JsonObject, next: (flow: ProbeDriver, server: TimeSkippingServer) => unknown) =>
  async (server: TimeSkippingServer): Promise<ProbeDriver> => {
    const flow = new ProbeDriver(server, randomUUID(), category);
    await flow.send('Start', input);
    await flow.until(({ waits }) => waits.length > 0);
    await next(flow, server);
    await flow.ended();
    return flow;
  };

const payment = { reference: 'order-1', amount: 100, currency: 'USD', card: 'tok_visa', settleAfter: '24h' };
const reminder = { cart: 'cart-1', to: 'alice@example.com', after: '24h' };
const dayPasses = (_: ProbeDriver, server: TimeSkippingServer) => server.skip(25 * HOUR_MS);

/** Runs of card payments. */
export const recordedPayments: Readonly<Record<string, Recorded>> = {
  'card-payment-settled': ofApp('cardPayment', payment, dayPasses),
  'card-payment-refunded': ofApp('cardPayment', { ...payment, card: 'tok_fails' }, dayPasses),
  'card-payment-cancelled': ofApp('cardPayment', payment, cancelIt),
};

/** Runs of operations with cards that the provider is asked about. */
export const recordedOperations: Readonly<Record<string, Recorded>> = {
  'card-operation-authorised': operated('authorise'),
  'card-operation-captured': operated('capture'),
  'card-operation-cancelled': operated('authorise', cancelIt),
};

/** Runs of payments that the provider reports by webhooks. */
export const recordedReports: Readonly<Record<string, Recorded>> = {
  'card-payment-reported': ofApp('cardPayment', { ...payment, card: 'tok_reported' }, (_, server) =>
    new ProbeDriver(server, 'card:tok_reported', 'callback').send('Receive', {
      ...{ provider: 'card', webhookId: randomUUID() },
      payload: { id: 'tok_reported', state: 'succeeded' },
    }),
  ),
};

/** Runs of reminders of carts. */
export const recordedReminders: Readonly<Record<string, Recorded>> = {
  'cart-reminder-not-needed': ofApp('cartReminder', reminder, dayPasses),
  'cart-reminder-changed': ofApp('cartReminder', reminder, async (flow, server) => {
    await flow.send('CartChanged');
    await dayPasses(flow, server);
  }),
  'cart-reminder-cancelled': ofApp('cartReminder', reminder, cancelIt),
};

/** Runs of the mails that ask for an approval. */
export const recordedMails: Readonly<Record<string, Recorded>> = {
  'approval-mail-sent': mailed(requested({ candidates: ['user:tom', 'user:ute'] })),
  'approval-mail-not-needed': mailed(requested({ candidates: ['user:sue'] })),
};

function mailed(event: DomainEvent): Recorded {
  return async (server) => {
    const flow = new ProbeDriver(server, randomUUID(), 'approvalMail');
    const approval = randomUUID();
    const stream = streamName('approval', approval);
    await server.store.append(stream, -1, historyOf(stream, [event]));
    await flow.send('Start', { approval, people: ['user:tom', 'user:ute'] });
    await flow.ended();
    return flow;
  };
}

function operated(
  operation: 'authorise' | 'capture',
  next: (flow: ProbeDriver, server: TimeSkippingServer) => unknown = dayPasses,
): Recorded {
  const { settleAfter: _, ...order } = payment;
  return async (server) => {
    const input = { operation, payment: `${operation}-${randomUUID()}` };
    return ofApp('cardOperation', operation === 'capture' ? input : { ...input, order }, next)(server);
  };
}
