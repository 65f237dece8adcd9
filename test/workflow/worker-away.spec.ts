import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR } from '#libs/testing/moments.js';
import { deposited, expired, held, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

const server = accountServer({ outlivesWorkers: true });
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened, deposited(100));
  // The first one of a fresh server can take longer than an update may.
  await account.insist(account.deposit('before', { at: await server.moment() }));
});

async function whileNoWorkerRuns<T>(act: () => Promise<T>): Promise<T> {
  await server.stopWorker();
  try {
    return await act();
  } finally {
    await server.startWorker();
  }
}

/** Lets the server's clock pass a deadline. It then waits for a worker that handles it. */
async function letPass(deadline: string): Promise<void> {
  skipping = server.skip(2 * HOUR * 1_000);
  await until(
    () => server.moment(),
    (now) => now >= deadline,
  );
}

let skipping: Promise<void> | undefined;
afterEach(() => skipping);

describe('while no worker runs', () => {
  it('a command is kept, its receipt is pending, and the next worker decides it', async () => {
    const waiting = account.deposit('waiting');
    await whileNoWorkerRuns(async () => {
      await account.signal(waiting);
      const receipt = await server.gateway.receipt(account.stream, waiting.commandId);
      const { commandId, actor, sentAt } = waiting;
      expect(receipt).toEqual({ status: 'pending', commandId, actor, sentAt });
    });
    expect(await account.untilSettled(waiting)).toMatchObject({ status: 'accepted', revision: 3 });
  });

  it('one whose sender waits for longer than an update may last is kept, too', async () => {
    const waiting = account.deposit('waiting');
    const [receipt] = await whileNoWorkerRuns(() =>
      server.gateway.execute(account.stream, [waiting], 11_000),
    );
    expect(receipt).toMatchObject({ status: 'pending', commandId: waiting.commandId });
    expect(await account.untilSettled(waiting)).toMatchObject({ status: 'accepted', revision: 3 });
  });

  it('a rejection is still answered, from the history of the run that decided it', async () => {
    const refused = account.command('refused', { type: 'Withdraw', data: { amount: 1_000_000 } });
    const [outcome] = await account.update(refused);
    expect(outcome).toMatchObject({ status: 'rejected' });
    await whileNoWorkerRuns(async () => {
      expect(await server.gateway.receipt(account.stream, refused.commandId)).toEqual(outcome);
    });
  });

  it('the state is answered from the stream', async () => {
    const folded = await account.folded();
    await whileNoWorkerRuns(async () => {
      const { revision, hash, state } = folded;
      expect(await server.gateway.state(account.stream)).toEqual({ revision, hash, state });
    });
  });

  it('a deadline passes, and the next worker lets the hold expire, once', async () => {
    const deadline = await server.moment(HOUR * 1_000);
    await account.update(await account.holdUntil('h', deadline));
    await whileNoWorkerRuns(() => letPass(deadline));
    await skipping;
    await server.skip(HOUR * 1_000);
    expect(account.written.slice(3)).toEqual([held('h', 60, { expiresAt: deadline }), expired('h', 60)]);
    expect(await account.state()).toEqual(await account.folded());
  });

  it('a deadline passes, and a command that comes after it finds the hold expired, once', async () => {
    const deadline = await server.moment(HOUR * 1_000);
    await account.update(await account.holdUntil('h', deadline));
    const capture = { type: 'CaptureHold', data: { holdId: 'h' }, at: deadline };
    const late = account.command('late', capture);
    await whileNoWorkerRuns(async () => {
      await letPass(deadline);
      await account.signal(late);
    });
    expect(await account.untilSettled(late)).toMatchObject({ status: 'rejected', code: 'HOLD.ENDED' });
    expect(account.written.slice(3)).toEqual([held('h', 60, { expiresAt: deadline }), expired('h', 60)]);
  });

  it('a deadline passes, and a command from before it still finds the hold', async () => {
    const deadline = await server.moment(HOUR * 1_000);
    await account.update(await account.holdUntil('h', deadline));
    const capture = { type: 'CaptureHold', data: { holdId: 'h' }, at: await server.moment() };
    const early = account.command('early', capture);
    await whileNoWorkerRuns(async () => {
      await letPass(deadline);
      await account.signal(early);
    });
    expect(await account.untilSettled(early)).toMatchObject({ status: 'accepted', events: ['HoldCaptured'] });
    expect(account.written).toHaveLength(5);
  });
});
