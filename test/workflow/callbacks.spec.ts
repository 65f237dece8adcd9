import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callbackId } from '#contracts/callback/callback.kind.js';
import { streamName } from '#libs/core/entity-id.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { outcomeIn } from '#libs/testing/outcome-in.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { callbackDecider } from '../../apps/desk/src/domain/callback.decider.js';
import { reason } from '../../apps/desk/src/domain/callback.fixture.js';
import { eventually } from '../support/account-rest.js';
import { ProbeDriver } from './flows/probe-server.js';

const PATIENCE_MILLISECONDS = 20_000;

const server = new TimeSkippingServer({
  deciders: [callbackDecider, flowDecider({ name: 'probe', messages: ['Note', 'Go'] })],
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  calls: {},
});
beforeAll(() => server.open());
afterAll(() => server.close());

/** A callback to which webhooks come. */
class CallbackDriver {
  readonly key = randomUUID();
  readonly stream = streamName('callback', callbackId('card', this.key));

  receive(webhookId: string) {
    return this.send(
      {
        type: 'Receive',
        data: { provider: 'card', webhookId, payload: { id: this.key } },
      },
      webhookId,
    );
  }

  async send(command: TestCommand, name: string) {
    const at = await server.moment();
    const envelope = envelopeOf({ ...command, at }, `${this.stream} ${name}`, {
      key: `${this.stream} ${name}`,
    });
    return outcomeIn(await server.gateway.execute(this.stream, [envelope], PATIENCE_MILLISECONDS));
  }

  /** A flow that ends once it has heard so many webhooks. */
  async heardBy(count: number): Promise<ProbeDriver> {
    const probe = new ProbeDriver(server);
    await probe.start('hear', { key: this.key, count });
    return probe;
  }

  get types(): readonly string[] {
    return server.store.eventsOf(this.stream).map(({ type }) => type);
  }

  async until(type: string, count = 1): Promise<void> {
    await eventually(
      async () => this.types.filter((one) => one === type),
      (found) => found.length >= count,
    );
  }
}

async function heard(probe: ProbeDriver): Promise<readonly object[]> {
  const { result } = (await probe.ended()) as { readonly result?: { readonly heard?: readonly object[] } };
  return result?.heard ?? [];
}

describe('a flow hears a webhook', () => {
  it('that came before it waited, and one that came after', async () => {
    const callback = new CallbackDriver();
    await callback.receive('w-1');
    const probe = await callback.heardBy(2);
    await callback.until('CallbackClaimed');
    await callback.receive('w-2');
    expect(await heard(probe)).toMatchObject([
      { id: `card:${callback.key}`, n: 1, webhookId: 'w-1', payload: { id: callback.key } },
      { n: 2, webhookId: 'w-2' },
    ]);
    await callback.until('CallbackWaitStopped');
  });

  it('once, however often it is sent, and even two at a time', async () => {
    const callback = new CallbackDriver();
    const probe = await callback.heardBy(2);
    await callback.until('CallbackAwaited');
    await Promise.all([callback.receive('w-1'), callback.receive('w-1')]);
    await callback.receive('w-1');
    await callback.receive('w-2');
    const numbers = (await heard(probe)).map((one) => (one as { readonly n: number }).n);
    expect(numbers.toSorted()).toEqual([1, 2]);
    expect(callback.types.filter((type) => type === 'CallbackReceived')).toHaveLength(2);
  });
});

describe('a webhook that a flow refuses because it has ended', () => {
  it('is unclaimed, and the next flow hears it', async () => {
    const callback = new CallbackDriver();
    const gone = streamName('probe', randomUUID());
    const answer = { type: 'Note', data: {} };
    await callback.send(
      { type: 'Wait', data: { takes: 'all', answer }, actor: gone, sender: gone },
      'a wait of a flow that never was',
    );
    await callback.receive('w-1');
    await callback.until('CallbackRefused');
    expect(await heard(await callback.heardBy(1))).toMatchObject([{ n: 1 }]);
  });

  it('is redelivered or discarded, as an operator decides', async () => {
    const callback = new CallbackDriver();
    const gone = new ProbeDriver(server);
    const wait = { takes: 'one', answer: { type: 'Note', data: { text: 'heard' } } };
    await callback.send({ type: 'Wait', data: wait, actor: gone.stream, sender: gone.stream }, 'too early');
    await callback.receive('w-1');
    await callback.until('CallbackRefused');
    await gone.start('timeout', { time: '1h' });
    await callback.send({ type: 'Redeliver', data: { n: 1, reason }, actor: 'olga' }, 'again');
    expect((await gone.ended()) as object).toMatchObject({ result: { text: 'heard' } });
    await callback.receive('w-2');
    await callback.send({ type: 'Discard', data: { n: 2, reason }, actor: 'olga' }, 'away with it');
    const last = server.store.eventsOf(callback.stream).at(-1);
    expect(last).toMatchObject({
      type: 'CallbackDiscarded',
      data: { n: 2, reason },
      metadata: { actor: 'olga' },
    });
  });
});
