import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Resolution } from '#libs/core/saga/saga.messages.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { CallbackReports } from '#libs/flow/callbacks/callback-reports.js';
import { CallbackTokens } from '#libs/flow/callbacks/callback-tokens.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { DAY } from '#libs/testing/moments.js';
import { outcomeIn } from '#libs/testing/outcome-in.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { createCartDecider } from '../../apps/cart/src/domain/cart.decider.js';
import { added, created, requested, timing } from '../../apps/cart/src/domain/cart.fixture.js';
import {
  CANCEL_FULFILMENT,
  checkoutSagaId,
  createCheckoutDecider,
  FULFIL,
} from '../../apps/cart/src/domain/checkout.saga.js';
import { until } from './account-driver.js';
import { answered, OTHER, OVER } from './reported-callbacks.js';

const LIMIT_SECONDS = 3 * DAY;
const CHECKOUT = 'checkout-1';

const tokens = new CallbackTokens(['one-secret-'.repeat(3)]);
/** The tokens that the provider was given for each order, in turn. */
const given = new Map<unknown, Set<unknown>>();
const cancelled = new Set<unknown>();
const server = new TimeSkippingServer({
  deciders: [
    createCartDecider(timing),
    createCheckoutDecider({ patienceSeconds: 600, fulfilmentSeconds: LIMIT_SECONDS }),
  ],
  workflowBundle: resolve('dist/apps/cart/workflows.bundle.js'),
  callbackUrl: (of) => tokens.sign(of),
  calls: {
    [FULFIL]: async ({ order, callbackUrl }) => {
      given.set(order, (given.get(order) ?? new Set()).add(callbackUrl));
      return { later: true };
    },
    [CANCEL_FULFILMENT]: async ({ order }) => (cancelled.add(order), {}),
  },
});
let reports: CallbackReports;
beforeAll(async () => {
  await server.open();
  const { gateway, client } = server;
  reports = new CallbackReports({ tokens, gateway, client });
});
afterAll(() => server.close());

const completed: CallbackOutcome = { status: 'completed', result: {} };
const lost: CallbackOutcome = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };

/** A checkout of nothing, so that only its fulfilment takes time. */
class Checkout {
  private readonly cartId = randomUUID();
  private readonly id = checkoutSagaId(this.cartId, CHECKOUT);
  private readonly cart = streamName('cart', this.cartId);
  private readonly stream = streamName('checkout', this.id);

  /** One whose order was taken, and will be fulfilled later. */
  static async taken(input: Partial<EntityInput> = {}): Promise<Checkout> {
    const checkout = new Checkout();
    await checkout.begin(input);
    await checkout.written('StepWaiting');
    return checkout;
  }

  private async begin(input: Partial<EntityInput>): Promise<void> {
    const { cart, stream } = this;
    const nothing = { lines: [], subtotal: 0, discount: 0, total: 0 };
    const history = [created, added('a', 1, 0), requested(CHECKOUT, nothing)];
    await server.store.append(cart, -1, historyOf(cart, history, await server.moment()));
    const args: [EntityInput] = [{ stream, ...input }];
    await server.client.workflow.start('checkout', { workflowId: stream, taskQueue: 'cart', args });
    const of = { cartId: this.cartId, checkoutId: CHECKOUT, customerId: 'alice', currency: 'USD' };
    expect(await this.tell('Start', { ...of, lines: [], total: 0 })).toBe('accepted');
  }

  /** What the saga answers to a command: `accepted`, or the code of a rejection. */
  async tell(type: string, data: JsonObject): Promise<string> {
    const envelope = envelopeOf({ type, data, at: await server.moment() }, `${this.stream} ${randomUUID()}`);
    const outcome = outcomeIn(await server.gateway.execute(this.stream, [envelope], 20_000));
    return outcome.status === 'accepted' ? 'accepted' : outcome.code;
  }

  settle = (outcome: Resolution) =>
    this.tell('ResolveStep', { step: 'fulfil', note: 'called them', outcome });
  retry = () => this.tell('RetryStep', { step: 'fulfil' });

  /** Reports to the address of the nth time that the order was placed. */
  end = (outcome: CallbackOutcome, nth = 1) => answered(reports.end(this.tokenOf(nth), outcome, {}));
  progress = (nth = 1) => answered(reports.progress(this.tokenOf(nth), { stop: 1 }));

  private tokenOf(nth: number): string {
    return String([...(given.get(this.id) ?? [])][nth - 1]);
  }

  /** Returns once it has written as many events of a type. */
  async written(type: string, count = 1): Promise<void> {
    await until(
      async () => this.types,
      (types) => types.filter((one) => one === type).length >= count,
    );
  }

  /** Sends commands that change nothing, until its workflow has continued as new. */
  async untilContinued(): Promise<void> {
    const runId = async () => (await server.client.workflow.getHandle(this.stream).describe()).runId;
    const first = await runId();
    while ((await runId()) === first) {
      expect(await this.tell('Cancel', { reason: 'in vain' })).toBe('SAGA.TOO_LATE');
    }
  }

  get isCancelled(): boolean {
    return cancelled.has(this.id);
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  get events() {
    return server.store.eventsOf(this.stream);
  }

  /** What the cart was told of it in the end. */
  get endInCart(): string | undefined {
    const types = server.store.eventsOf(this.cart).map(({ type }) => type);
    return types.findLast((type) => type.startsWith('Checkout'));
  }
}

const late = expect.objectContaining({
  type: 'StepStuck',
  data: expect.objectContaining({ step: 'fulfil', code: 'SAGA.CALLBACK_LATE' }),
});

describe('a checkout whose order is fulfilled later', () => {
  it('is stuck once the limit has passed, and not before; then a person gives it up', async () => {
    const checkout = await Checkout.taken();
    await server.skip((LIMIT_SECONDS - 60) * 1_000);
    expect(await checkout.progress()).toBe('accepted');
    expect(checkout.types.at(-1)).toBe('StepWaiting');
    await server.skip(120_000);
    await checkout.written('StepStuck');
    expect(checkout.events.at(-1)).toEqual(late);
    expect([await checkout.progress(), await checkout.end(completed)]).toEqual([OVER, OVER]);
    expect(await checkout.settle('not-done')).toBe('accepted');
    await checkout.written('SagaCompensated');
    expect([checkout.isCancelled, checkout.endInCart]).toEqual([true, 'CheckoutFailed']);
  });

  it('hands out another address when it is retried, which has a limit of its own', async () => {
    const checkout = await Checkout.taken();
    expect(await checkout.retry()).toBe('SAGA.STEP_UNDER_WAY');
    await server.skip((LIMIT_SECONDS + 60) * 1_000);
    await checkout.written('StepStuck');
    expect(await checkout.retry()).toBe('accepted');
    await checkout.written('StepWaiting', 2);
    expect([await checkout.progress(), await checkout.end(completed)]).toEqual([OVER, OVER]);
    await server.skip((LIMIT_SECONDS - 60) * 1_000);
    expect(await checkout.progress(2)).toBe('accepted');
    expect(await checkout.end(completed, 2)).toBe('accepted');
    await checkout.written('SagaCompleted');
    expect([checkout.isCancelled, checkout.endInCart]).toEqual([false, 'CheckoutCompleted']);
    expect([await checkout.end(completed, 2), await checkout.end(lost, 2)]).toEqual(['accepted', OTHER]);
  });

  it('is settled by a person before the limit, which then has no effect', async () => {
    const done = await Checkout.taken();
    const notDone = await Checkout.taken();
    expect([await done.settle('done'), await notDone.settle('not-done')]).toEqual(['accepted', 'accepted']);
    await done.written('SagaCompleted');
    await notDone.written('SagaCompensated');
    expect([done.isCancelled, notDone.isCancelled]).toEqual([false, true]);
    expect(await done.end(lost)).toBe(OVER);
    // It was fulfilled all the same, so somebody has to fetch it back.
    expect(await notDone.end(completed)).toBe('accepted');
    expect(notDone.types.at(-1)).toBe('StepSucceededLate');
    await server.skip((LIMIT_SECONDS + 60) * 1_000);
    for (const { types } of [done, notDone]) expect(types).not.toContain('StepStuck');
  });

  it('is undone when the order fails', async () => {
    const checkout = await Checkout.taken();
    await server.skip(DAY * 1_000);
    expect(await checkout.end(lost)).toBe('accepted');
    await checkout.written('SagaCompensated');
    expect(checkout.events.at(-1)?.data['cause']).toEqual({ code: 'PARCEL.LOST', detail: lost.detail });
    expect([checkout.isCancelled, checkout.endInCart]).toEqual([true, 'CheckoutFailed']);
    expect([await checkout.end(lost), await checkout.end(completed)]).toEqual(['accepted', OTHER]);
  });

  it('waits across runs of its workflow, for its address and for its limit', async () => {
    const reported = await Checkout.taken({ messagesPerRun: 4 });
    const forgotten = await Checkout.taken({ messagesPerRun: 4 });
    for (const checkout of [reported, forgotten]) await checkout.untilContinued();
    expect(await reported.end(completed)).toBe('accepted');
    await reported.written('SagaCompleted');
    await server.skip((LIMIT_SECONDS + 60) * 1_000);
    await forgotten.written('StepStuck');
    expect(forgotten.events.at(-1)).toEqual(late);
    expect(await forgotten.retry()).toBe('accepted');
    await forgotten.written('StepWaiting', 2);
    await forgotten.untilContinued();
    expect([await forgotten.end(completed), await forgotten.end(completed, 2)]).toEqual([OVER, 'accepted']);
    await forgotten.written('SagaCompleted');
  });
});
