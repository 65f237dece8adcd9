import { randomUUID } from 'node:crypto';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { HOUR, MINUTE } from '#libs/testing/moments.js';
import type { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';

/** A workflow whose history is recorded: its first run, or the named one. */
interface RecordedRun {
  readonly workflowId: string;
  readonly runId?: string;
}

/** For the run whose name says that it rests. */
export const restPolicy = { afterMilliseconds: HOUR * 500, snapshotEvery: 500 };

/** Runs that cover every step of the loop, by the names of their files in `histories/`. */
export const recordedRuns: Readonly<Record<string, (server: TimeSkippingServer) => Promise<RecordedRun>>> = {
  'account-both-doors': async (server) => {
    const account = await AccountDriver.with(server, opened);
    const withdraw = account.command('w', { type: 'Withdraw', data: { amount: 9 } });
    await account.signal(account.deposit('a'), account.deposit('b', { key: 'k' }));
    await account.update(account.deposit('c'), withdraw, account.deposit('b', { key: 'k' }));
    await account.signal(account.deposit('c'), account.deposit('other', { key: 'k' }));
    await account.untilSettled(account.deposit('other', { key: 'k' }));
    await account.update(account.deposit('d', { expectedRevision: 0 }));
    return { workflowId: account.stream };
  },

  'account-deadlines': async (server) => {
    const account = await AccountDriver.with(server, opened, deposited(200));
    await account.update(await account.holdUntil('late', await server.moment(3 * HOUR * 1_000)));
    await account.update(await account.holdUntil('captured', await server.moment(2 * HOUR * 1_000)));
    await account.update(await account.holdUntil('soon', await server.moment(HOUR * 1_000)));
    const capture = { type: 'CaptureHold', data: { holdId: 'captured' }, at: await server.moment() };
    await account.update(account.command('capture', capture));
    await server.skip(4 * HOUR * 1_000);
    await untilCount(account, 8);
    return { workflowId: account.stream };
  },

  'account-store-away': async (server) => {
    const account = await AccountDriver.with(server, opened);
    server.store.setAway(true);
    await account.signal(account.deposit('first'));
    await account.untilPending(account.deposit('first'));
    server.store.setAway(false);
    await server.skip(MINUTE * 1_000);
    await account.untilSettled(account.deposit('first'));
    server.store.failNext('lost-after-write', 'lost-before-write');
    await account.update(account.deposit('second'), account.deposit('third'));
    return { workflowId: account.stream };
  },

  'account-continued': async (server) => {
    const account = await AccountDriver.with(server, opened);
    await account.start({ messagesPerRun: 4 });
    server.store.setAway(true);
    for (let index = 0; index < 12; index += 1) await account.signal(account.deposit(`d-${index}`));
    await account.untilPending(account.deposit('d-11'));
    server.store.setAway(false);
    await server.skip(MINUTE * 1_000);
    await account.untilRuns(2);
    // The second run is sent enough to be continued as well, so that the recording has both ends.
    const second = await account.runId();
    for (let index = 0; index < 4; index += 1) await account.update(account.deposit(`e-${index}`));
    await account.untilRuns(3);
    return { workflowId: account.stream, runId: second };
  },

  'account-rested': async (server) => {
    const account = await AccountDriver.with(server, opened);
    await account.update(account.deposit('a'));
    await server.skip(HOUR * 1_000);
    await account.untilAtRest();
    // The second life starts with a snapshot. Something comes in, and it is passivated too.
    await account.update(account.deposit('b'));
    await account.signal(account.deposit('c'));
    await account.untilSettled(account.deposit('c'));
    await server.skip(2 * HOUR * 1_000);
    await account.untilAtRest();
    return { workflowId: account.stream };
  },

  'account-ended-rested': async (server) => {
    const account = await AccountDriver.with(server, opened);
    await account.update(account.command('close', { type: 'Close', data: {} }));
    await account.untilAtRest();
    // The second life refuses a command, and ends at once, too.
    await account.update(account.deposit('late'));
    await account.untilAtRest();
    return { workflowId: account.stream };
  },

  'transfer-completed': (server) => transfer(server, 100, 'completed'),
  'transfer-compensated': (server) => transfer(server, 1_000, 'compensated'),
  // Nobody waits for its answer, so its effects are tried within its workflow tasks.
  'transfer-tried': async (server) => {
    // The first of a new server are slow, so their effects are run by activities as well.
    for (let index = 0; index < 5; index += 1) await transfer(server, 100, 'completed', 'send');
    return transfer(server, 100, 'completed', 'send');
  },
};

async function transfer(
  server: TimeSkippingServer,
  amount: number,
  end: string,
  by: 'execute' | 'send' = 'execute',
): Promise<RecordedRun> {
  const from = await AccountDriver.with(server, opened, deposited(500));
  const to = await AccountDriver.with(server, opened);
  const workflowId = streamName('transfer', randomUUID());
  const data = { from: from.id, to: to.id, amount, currency: 'USD' };
  const start = envelopeOf({ type: 'Start', data, at: await server.moment() }, workflowId);
  if (by === 'send') await server.gateway.send(workflowId, [start]);
  else await server.gateway.execute(workflowId, [start], 10_000);
  await until(
    () => server.gateway.state(workflowId),
    (live) => live?.state['status'] === end,
  );
  return { workflowId };
}

async function untilCount(account: AccountDriver, count: number): Promise<void> {
  await until(
    async () => account.events.length,
    (seen) => seen >= count,
  );
}
