import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { HOUR } from '#libs/testing/moments.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';
import { SagaMatrix } from './sagas/saga-matrix.js';

const server = accountServer({ outlivesWorkers: true });
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened, deposited(100));
});

function cancel(): Promise<unknown> {
  return server.client.workflow.getHandle(account.stream).cancel();
}

describe('an entity whose workflow is cancelled in Temporal', () => {
  it('decides what it had received, answers those who wait, and continues in the same run', async () => {
    await account.update(account.deposit('before'));
    const run = await account.runId();
    await server.stopWorker();
    await account.signal(account.deposit('signalled'));
    const updating = account.update(account.deposit('updated'));
    await cancel();
    await server.startWorker();
    expect(await account.untilSettled(account.deposit('signalled'))).toMatchObject({ status: 'accepted' });
    expect(await updating).toMatchObject([{ status: 'accepted' }]);
    expect(await account.update(account.deposit('after'))).toMatchObject([{ status: 'accepted' }]);
    expect(await account.runId()).toBe(run);
  });

  it('keeps its deadlines', async () => {
    await account.update(await account.holdUntil('h', await server.moment(HOUR * 1_000)));
    await cancel();
    await server.skip(2 * HOUR * 1_000);
    await until(
      async () => account.written.at(-1)?.type,
      (type) => type === 'HoldExpired',
    );
  });
});

describe('on the dev server, which unlike the test server takes continue-as-new after a cancellation', () => {
  const matrix = new SagaMatrix();
  beforeAll(() => matrix.open());
  afterAll(() => matrix.close());

  it('it continues in a new run when it is due', async () => {
    const { store, gateway, client } = matrix.server;
    const stream = streamName('account', 'cancelled');
    await store.append(stream, -1, historyOf(stream, [opened]));
    const args: [EntityInput] = [{ stream, messagesPerRun: 3 }];
    const first = await client.workflow.start('account', { workflowId: stream, taskQueue: 'account', args });
    await client.workflow.getHandle(stream).cancel();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      const deposit = envelopeOf({ type: 'Deposit', data: { amount: 1 } }, name);
      expect(await gateway.execute(stream, [deposit], 20_000)).toMatchObject([{ status: 'accepted' }]);
    }
    const { runId, status } = await client.workflow.getHandle(stream).describe();
    expect(runId).not.toBe(first.firstExecutionRunId);
    expect(status.name).toBe('RUNNING');
    expect(store.eventsOf(stream)).toHaveLength(8);
  });
});
