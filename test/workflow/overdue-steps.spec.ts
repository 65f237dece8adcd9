import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { createTransferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

/**
 * Streams of sagas whose deposits are always answered 503, and of those whose deposits take as long
 * as the test wants.
 */
const away = new Set<string>();
const slow = new Map<string, Promise<void>>();
const tries = new Map<string, number>();
const server = accountServer({
  deciders: [accountDecider, createTransferDecider(1)],
  wrap: (activities) => ({
    ...activities,
    tryEffect: async () => ({}),
    runEffect: async (request) => {
      const { stream, effect } = request;
      if (effect.key !== 'deposit') return activities.runEffect(request);
      tries.set(stream, (tries.get(stream) ?? 0) + 1);
      if (away.has(stream)) throw new Error('503');
      await slow.get(stream);
      return activities.runEffect(request);
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());

/** A transfer of 40 from an account with 100. */
class Transfer {
  readonly stream = streamName('transfer', randomUUID());
  private from: AccountDriver | undefined;

  async begin(input: Partial<EntityInput> = {}): Promise<void> {
    const from = await AccountDriver.with(server, opened, deposited(100));
    const to = await AccountDriver.with(server, opened);
    this.from = from;
    const { stream } = this;
    const args: [EntityInput] = [{ stream, ...input }];
    await server.client.workflow.start('transfer', { workflowId: stream, taskQueue: 'account', args });
    await this.tell('Start', { from: from.id, to: to.id, amount: 40, currency: 'USD' });
  }

  async tell(type: string, data: JsonObject): Promise<unknown> {
    const envelope = envelopeOf({ type, data, at: await server.moment() }, `${this.stream} ${type}`);
    const [receipt] = await server.gateway.execute(this.stream, [envelope], 20_000);
    return receipt;
  }

  async untilWritten(type: string): Promise<void> {
    await until(
      async () => this.types,
      (types) => types.includes(type),
    );
  }

  /** On a busy machine the hold may be overdue, too. */
  async untilDepositIsOverdue(): Promise<void> {
    await until(
      async () => server.store.eventsOf(this.stream),
      (events) => events.some(({ type, data }) => type === 'StepOverdue' && data['step'] === 'deposit'),
    );
  }

  /** Returns when Temporal has nothing left to retry. */
  async untilNothingIsTried(): Promise<void> {
    await until(
      () => server.client.workflow.getHandle(this.stream).describe(),
      ({ raw }) => (raw.pendingActivities ?? []).length === 0,
    );
  }

  get types(): readonly string[] {
    return server.store.eventsOf(this.stream).map(({ type }) => type);
  }

  get account() {
    return this.from?.folded().then(({ state }) => state);
  }
}

const note = 'called the bank';

describe('a step that is never answered', () => {
  it.each([
    ['done', 'SagaCompleted', { balance: 60, held: 0 }],
    ['not-done', 'SagaCompensated', { balance: 100, held: 0 }],
  ])('is overdue, and is not retried once an operator says that it is %s', async (outcome, end, account) => {
    const transfer = new Transfer();
    away.add(transfer.stream);
    await transfer.begin();
    await transfer.untilDepositIsOverdue();
    expect(await transfer.tell('Cancel', { reason: 'too slow' })).toMatchObject({
      code: 'SAGA.TOO_LATE',
      detail: expect.stringContaining('deposit'),
    });
    const answer = await transfer.tell('ResolveStep', { step: 'deposit', outcome, note });
    expect(answer).toMatchObject({ status: 'accepted' });
    await transfer.untilWritten(end);
    expect(await transfer.account).toMatchObject(account);
    await transfer.untilNothingIsTried();
    expect(tries.get(transfer.stream)).toBeGreaterThan(0);
  });

  it('is notified when a running attempt succeeds, though its run is about to be continued', async () => {
    const transfer = new Transfer();
    let answer = (): void => undefined;
    slow.set(transfer.stream, new Promise((resolve) => (answer = resolve)));
    try {
      await transfer.begin({ messagesPerRun: 2 });
      await transfer.untilDepositIsOverdue();
      await transfer.tell('ResolveStep', { step: 'deposit', outcome: 'not-done', note });
      await transfer.untilWritten('SagaCompensated');
    } finally {
      answer();
    }
    await transfer.untilWritten('StepSucceededLate');
    await transfer.untilNothingIsTried();
    expect(transfer.types.at(-1)).toBe('StepSucceededLate');
  });
});
