import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { callbackDecider } from '../../../apps/desk/src/domain/callback.decider.js';
import { eventually, ProbeDriver } from './probe-server.js';

const MINUTE_MS = 60_000;
const order = { reference: 'order-1', amount: 500, currency: 'EUR', card: 'tok_visa' };

/** By payment: its states, the last of which stays, and how often the provider was asked. */
const states = new Map<string, string[]>();
const asked = new Map<string, number>();

async function payment(data: JsonObject) {
  const { id } = data as { readonly id: string };
  const [state = '', ...later] = states.get(id) ?? [];
  if (later.length > 0) states.set(id, later);
  return { id, state, webhooks: 'card' };
}

async function ask(data: JsonObject) {
  const answer = await payment(data);
  asked.set(answer.id, (asked.get(answer.id) ?? 0) + 1);
  return answer;
}

const server = new TimeSkippingServer({
  deciders: [callbackDecider, flowDecider({ name: 'cardOperation', messages: ['PaymentChanged'] })],
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  calls: {
    'authorise-card': payment,
    'card-status': ask,
    'capture-card': payment,
    'undo-card': async ({ id = '' }) => ({ id, state: 'voided' }),
  },
});
beforeAll(() => server.open());
afterAll(() => server.close());

/** An operation with a payment whose provider answers these states. */
class Operation {
  readonly id = randomUUID();
  readonly flow = new ProbeDriver(server, this.id, 'cardOperation');
  private readonly callback = new ProbeDriver(server, `card:${this.id}`, 'callback');

  constructor(...answered: string[]) {
    states.set(this.id, answered);
  }

  start(operation: 'authorise' | 'capture' = 'authorise') {
    const input = { operation, payment: this.id };
    return this.flow.send('Start', operation === 'authorise' ? { ...input, order } : input);
  }

  /** Begins to wait for a report. */
  async waits(): Promise<void> {
    await eventually(() => this.webhooks.includes('CallbackAwaited'));
    await this.flow.until(({ waits }) => waits.length > 0);
  }

  report(state: string, webhookId: string = randomUUID()) {
    const payload = { id: this.id, state };
    return this.callback.send('Receive', { provider: 'card', webhookId, payload }, webhookId);
  }

  /** What came of it, once it has ended and waits for no webhooks any more. */
  async ended() {
    const { status, result, failure } = await this.flow.ended();
    return { status, ...result, ...(failure && { code: failure.code }), asked: asked.get(this.id) ?? 0 };
  }

  async stopped(): Promise<void> {
    await eventually(() => this.webhooks.includes('CallbackWaitStopped'));
  }

  get webhooks(): readonly string[] {
    return this.callback.events;
  }
}

describe('a pending authorisation', () => {
  it('ends with the webhook, before the provider is asked', async () => {
    const operation = new Operation('requires_action');
    await operation.start();
    await operation.waits();
    await operation.report('created');
    expect(await operation.ended()).toEqual({ status: 'completed', state: 'authorised', asked: 0 });
    await operation.stopped();
  });

  it('ends with the answer when no webhook comes; a later one stays unclaimed', async () => {
    const operation = new Operation('requires_action', 'created');
    await operation.start();
    await operation.waits();
    await server.skip(MINUTE_MS);
    expect(await operation.ended()).toEqual({ status: 'completed', state: 'authorised', asked: 1 });
    await operation.stopped();
    await operation.report('created');
    expect(operation.webhooks.at(-1)).toBe('CallbackReceived');
    expect(operation.flow.events.filter((type) => type === 'MessageReceived')).toEqual([]);
  });

  it('ends once, however often the webhook comes', async () => {
    const operation = new Operation('requires_action');
    await operation.start();
    await operation.waits();
    await Promise.all([operation.report('created', 'w-1'), operation.report('created', 'w-1')]);
    await operation.report('created', 'w-2');
    expect(await operation.ended()).toEqual({ status: 'completed', state: 'authorised', asked: 0 });
    await operation.stopped();
    expect(operation.webhooks.filter((type) => type === 'CallbackReceived')).toHaveLength(2);
  });

  it('ends with a webhook that came before it waits', async () => {
    const operation = new Operation('requires_action');
    await operation.report('created');
    await operation.start();
    expect(await operation.ended()).toEqual({ status: 'completed', state: 'authorised', asked: 0 });
  });

  it('is undone when the webhook says that it failed', async () => {
    const operation = new Operation('processing');
    await operation.start();
    await operation.waits();
    await operation.report('failed');
    expect(await operation.ended()).toEqual({ status: 'failed', code: 'CARD.NOT_AUTHORISED', asked: 0 });
  });
});

describe('a pending capture', () => {
  it('ends with the webhook, not with one that says again that the amount is held', async () => {
    const operation = new Operation('created', 'processing');
    await operation.report('created');
    await operation.start('capture');
    await operation.waits();
    await eventually(() => operation.flow.events.includes('MessageReceived'));
    await operation.report('succeeded');
    expect(await operation.ended()).toEqual({ status: 'completed', state: 'captured', asked: 1 });
  });
});
