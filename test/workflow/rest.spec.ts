import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { saveSnapshot, snapshotStream } from '#libs/entity/activities/snapshots.js';
import type { EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import type { Snapshot } from '#libs/entity/protocol/entity-messages.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { HOUR } from '#libs/testing/moments.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountBundle, accountServer } from './account-server.js';

const IDLE = HOUR * 1_000;
const outcomeMemory = new MemoryOutcomeMemory();
/** Called once, when a snapshot has been saved and its entity is about to end. */
let whenSaved: (() => Promise<void>) | undefined;
/** Called once, when a snapshot is about to be saved. */
let whenSaving: (() => void) | undefined;

function strike(activities: EntityActivities): EntityActivities {
  return {
    ...activities,
    saveSnapshot: async (request) => {
      const beforeSaving = whenSaving;
      whenSaving = undefined;
      beforeSaving?.();
      const result = await activities.saveSnapshot(request);
      const strikeNow = whenSaved;
      whenSaved = undefined;
      await strikeNow?.();
      return result;
    },
  };
}

const rest = { afterMilliseconds: IDLE, snapshotEvery: 10 };
const server = accountServer({ outcomeMemory, rest, wrap: strike });
beforeAll(() => server.open());
afterAll(() => server.close());

/** An account with one deposit, made by the entity itself. */
async function account(): Promise<AccountDriver> {
  const one = await AccountDriver.with(server, opened);
  await one.insist(one.deposit('first'));
  return one;
}

async function isOpen({ stream }: AccountDriver): Promise<boolean> {
  return (await server.client.workflow.getHandle(stream).describe()).status.name === 'RUNNING';
}

async function untilAtRest(one: AccountDriver): Promise<string> {
  const rested = one.untilAtRest();
  for (;;) {
    await server.skip(IDLE + 1_000);
    const runId = await Promise.race([rested, pause(2_000)]);
    if (runId !== undefined) return runId;
    // On a busy machine, its timer may start only after the clock has moved: move it again.
  }
}

const snapshots = (one: AccountDriver) =>
  server.store.eventsOf(snapshotStream(one.stream)).map(({ data }) => data as unknown as Snapshot);

describe('an entity that is idle', () => {
  it('ends with a snapshot, and resumes from there with the next command, by signal or update', async () => {
    const one = await account();
    const before = await untilAtRest(one);
    expect(snapshots(one)).toMatchObject([{ fold: { revision: 1, state: { balance: 1 } } }]);
    expect(await one.insist(one.deposit('second'))).toMatchObject([{ status: 'accepted', revision: 2 }]);
    expect(await one.runId()).not.toBe(before);
    await untilAtRest(one);
    await one.signal(one.deposit('third'));
    expect(await one.untilSettled(one.deposit('third'))).toMatchObject({ status: 'accepted', revision: 3 });
    expect(one.deposits).toEqual(['first', 'second', 'third']);
    expect(await one.state()).toEqual(await one.folded());
  });

  it('is asked for its state and its receipts without being woken', async () => {
    const one = await account();
    const refused = one.command('too much', { type: 'Withdraw', data: { amount: 500 } });
    const [told] = await one.insist(refused);
    const before = await untilAtRest(one);
    const { revision, hash, state } = await one.folded();
    expect(await server.gateway.state(one.stream)).toEqual({ revision, hash, state });
    expect(await server.gateway.receipt(one.stream, one.deposit('first').commandId)).toMatchObject({
      revision: 1,
    });
    expect(await server.gateway.receipt(one.stream, refused.commandId)).toEqual(told);
    expect(await server.gateway.receipt(one.stream, 'unknown')).toBeUndefined();
    expect(await one.runId()).toBe(before);
    expect(await isOpen(one)).toBe(false);
  });

  it('gives the same key its first outcome when it is back, and other commands under it none', async () => {
    const one = await account();
    const paid = one.deposit('paid', { key: 'paid' });
    const refused = one.command('refused', { type: 'Withdraw', data: { amount: 500 } }, { key: 'refused' });
    const unkeyed = one.command('unkeyed', { type: 'Withdraw', data: { amount: 500 } });
    const first = await one.insist(paid, refused, unkeyed);
    await untilAtRest(one);
    const again = await one.insist(paid, refused, unkeyed);
    expect(again).toEqual(first.map((outcome) => ({ ...outcome, replayed: true })));
    const others = [one.deposit('a', { key: 'paid' }), one.deposit('b', { key: 'refused' })];
    expect(await one.insist(...others)).toMatchObject([
      { code: 'IDEMPOTENCY.KEY_REUSED' },
      { code: 'IDEMPOTENCY.KEY_REUSED' },
    ]);
    expect(one.deposits).toEqual(['first', 'paid']);
  });

  it('reads only what the snapshot does not have from its stream', async () => {
    const one = await account();
    await untilAtRest(one);
    const read = jest.spyOn(server.store, 'read');
    await one.insist(one.deposit('second'));
    const own = read.mock.calls
      .filter(([stream]) => stream === one.stream)
      .map(([, options]) => options?.from);
    read.mockRestore();
    expect(Math.min(...own.map((from) => from ?? 0))).toBe(1);
  });

  it('that nothing ever happened to leaves nothing behind, and its rejections if there were any', async () => {
    const never = new AccountDriver(server);
    await never.signal();
    await untilAtRest(never);
    expect(snapshots(never)).toEqual([]);
    expect(await server.gateway.state(never.stream)).toBeUndefined();
    const [told] = await never.insist(never.deposit('too early'));
    await untilAtRest(never);
    expect(await server.gateway.receipt(never.stream, never.deposit('too early').commandId)).toEqual(told);
    expect(await server.gateway.state(never.stream)).toBeUndefined();
  });
});

describe('an entity that has ended', () => {
  const close = (one: AccountDriver) => one.command('close', { type: 'Close', data: {} }, { key: 'close' });
  const empty = (one: AccountDriver) => one.command('empty', { type: 'Withdraw', data: { amount: 1 } });

  async function closed(): Promise<AccountDriver> {
    const one = await account();
    expect(await one.insist(empty(one), close(one))).toMatchObject([{ revision: 2 }, { revision: 3 }]);
    return one;
  }

  it('is passivated at once, and answers later commands and repeats as before', async () => {
    const one = await closed();
    const before = await one.untilAtRest();
    expect(snapshots(one)).toMatchObject([{ fold: { revision: 3, state: { status: 'closed' } } }]);
    const late = one.deposit('late', { key: 'late' });
    expect(await one.insist(late, close(one))).toMatchObject([
      { code: 'ACCOUNT.CLOSED' },
      { revision: 3, replayed: true },
    ]);
    expect(await one.untilAtRest()).not.toBe(before);
    expect(await one.insist(late)).toMatchObject([{ code: 'ACCOUNT.CLOSED', replayed: true }]);
    expect(await server.gateway.receipt(one.stream, close(one).commandId)).toMatchObject({ revision: 3 });
    expect(await one.folded()).toMatchObject({ revision: 3 });
  });

  it('loses no command that comes as it ends', async () => {
    const one = await account();
    const late = one.deposit('late');
    whenSaved = () => one.signal(late);
    await one.insist(empty(one), close(one));
    await until(
      () => server.gateway.receipt(one.stream, late.commandId),
      (receipt) => receipt?.status === 'rejected' && receipt.code === 'ACCOUNT.CLOSED',
    );
    await one.untilAtRest();
    expect(whenSaved).toBeUndefined();
  });

  it('stays, if its snapshot cannot be saved, until it has been idle', async () => {
    const one = await account();
    const refused = new Promise<void>((resolve) => {
      whenSaving = () => server.store.failNext('refused');
      whenSaved = async () => resolve();
    });
    await one.insist(empty(one), close(one));
    await refused;
    expect(snapshots(one)).toEqual([]);
    expect(await isOpen(one)).toBe(true);
    await untilAtRest(one);
    expect(snapshots(one)).toMatchObject([{ fold: { revision: 3 } }]);
  });
});

describe('an entity stays', () => {
  it('while commands come', async () => {
    const one = await account();
    const runId = await one.runId();
    for (const name of ['a', 'b', 'c']) {
      await server.skip(IDLE * 0.7);
      await one.insist(one.deposit(name));
    }
    expect(await isOpen(one)).toBe(true);
    expect(await untilAtRest(one)).toBe(runId);
  });

  it('while it waits for a deadline, which passes on time; then it is passivated', async () => {
    const one = await AccountDriver.with(server, opened, deposited(200));
    await one.insist(await one.holdUntil('h', await server.moment(5 * IDLE)));
    const runId = await one.runId();
    await server.skip(4 * IDLE);
    expect(await isOpen(one)).toBe(true);
    expect(snapshots(one)).toEqual([]);
    await server.skip(2 * IDLE);
    await until(
      async () => one.written.at(-1)?.type,
      (type) => type === 'HoldExpired',
    );
    expect(await untilAtRest(one)).toBe(runId);
  });

  it('until others have stored what they need', async () => {
    const one = await account();
    const refused = one.command('refused', { type: 'Withdraw', data: { amount: 500 } }, { key: 'refused' });
    outcomeMemory.isAway = true;
    await one.insist(refused);
    await server.skip(3 * IDLE);
    expect(await isOpen(one)).toBe(true);
    outcomeMemory.isAway = false;
    await server.skip(IDLE + 1_000);
    await untilAtRest(one);
    expect(await outcomeMemory.find(one.stream, [refused.commandId])).toMatchObject([
      { keyId: refused.keyId },
    ]);
  });

  it('when the store does not take the snapshot, and takes commands as ever', async () => {
    const one = await account();
    server.store.failNext('refused');
    await server.skip(IDLE + 1_000);
    server.store.heal();
    expect(await isOpen(one)).toBe(true);
    expect(await one.insist(one.deposit('second'))).toMatchObject([{ status: 'accepted' }]);
    await untilAtRest(one);
  });
});

describe('a command that comes when its entity is about to end', () => {
  it.each(['signal', 'update'] as const)('by %s, is applied once', async (door) => {
    const one = await account();
    let answer: Promise<unknown> | undefined;
    whenSaved = async () => {
      if (door === 'signal') await one.signal(one.deposit('late'));
      else answer = one.insist(one.deposit('late'));
    };
    await server.skip(IDLE + 1_000);
    await until(
      async () => one.deposits,
      (deposits) => deposits.includes('late'),
    );
    await answer;
    await untilAtRest(one);
    expect(one.deposits).toEqual(['first', 'late']);
    // The first snapshot may be good enough to resume from.
    expect(await server.gateway.state(one.stream)).toMatchObject({ revision: 2, state: { balance: 2 } });
  });
});

describe('an unusable snapshot', () => {
  const cases: Record<string, (snapshot: Snapshot) => Snapshot> = {
    'of another past': ({ fold, ...other }) => ({ ...other, fold: { ...fold, hash: 'f'.repeat(64) } }),
    'of other rules': ({ fold, ...other }) => ({ ...other, fold: { ...fold, stateVersion: 0 } }),
    'of more than the stream holds': ({ fold, ...other }) => ({ ...other, fold: { ...fold, revision: 9 } }),
  };

  it.each(Object.keys(cases))('%s, is replaced by the stream', async (name) => {
    const one = await account();
    await untilAtRest(one);
    const [last] = snapshots(one);
    const wrong = {
      ...last,
      fold: { ...last?.fold, state: { ...last?.fold.state, balance: 1_000 } },
    } as Snapshot;
    await saveSnapshot(server.store, { stream: one.stream, snapshot: cases[name]?.(wrong) as Snapshot });
    expect(await server.gateway.state(one.stream)).toMatchObject({ state: { balance: 1 } });
    const withdrawal = one.command('w', { type: 'Withdraw', data: { amount: 500 } });
    expect(await one.insist(withdrawal)).toMatchObject([{ code: 'ACCOUNT.INSUFFICIENT_FUNDS' }]);
    expect(await one.insist(one.deposit('first'))).toMatchObject([{ replayed: true, revision: 1 }]);
  });
});

it('an entity that never rests leaves a snapshot behind after so many events, as a run ends', async () => {
  const one = await AccountDriver.with(server, opened);
  await one.start({ messagesPerRun: 3 });
  for (let index = 0; index < 24; index += 1) await one.insist(one.deposit(`d-${index}`));
  await one.untilRuns(8);
  const revisions = snapshots(one).map(({ fold }) => fold.revision);
  expect(revisions.length).toBeGreaterThanOrEqual(1);
  expect(revisions.length).toBeLessThanOrEqual(2);
  await server.client.workflow.getHandle(one.stream).terminate();
  expect(await one.insist(one.deposit('d-3'))).toMatchObject([{ replayed: true }]);
  expect(await one.state()).toEqual(await one.folded());
});

describe('a large snapshot', () => {
  const written = (one: AccountDriver) => server.store.eventsOf(snapshotStream(one.stream)).length;

  it('is left unchanged by a passivated entity, until enough has happened for another one', async () => {
    const one = await AccountDriver.with(server, opened, ...Array.from({ length: 900 }, () => deposited(1)));
    await one.insist(one.deposit('first'));
    await untilAtRest(one);
    expect(written(one)).toBe(1);
    const second = one.deposit('second', { key: 'second' });
    await one.insist(second);
    await untilAtRest(one);
    expect(written(one)).toBe(1);
    expect(await one.insist(second)).toMatchObject([{ replayed: true, revision: 902 }]);
    const refused = one.command('refused', { type: 'Withdraw', data: { amount: 5_000 } });
    const [told] = await one.insist(refused);
    await untilAtRest(one);
    expect(written(one)).toBe(2);
    expect(await server.gateway.receipt(one.stream, refused.commandId)).toEqual(told);
    for (const name of Array.from({ length: 300 }, (_, index) => `d-${index}`))
      await one.signal(one.deposit(name));
    await one.untilSettled(one.deposit('d-299'));
    await untilAtRest(one);
    expect(written(one)).toBe(3);
  });

  it('is written less often by an entity whose runs end', async () => {
    const one = await AccountDriver.with(server, opened, ...Array.from({ length: 900 }, () => deposited(1)));
    await one.start({ messagesPerRun: 3 });
    for (let index = 0; index < 15; index += 1) await one.insist(one.deposit(`d-${index}`));
    await one.untilRuns(5);
    expect(written(one)).toBe(1);
    expect(await one.state()).toEqual(await one.folded());
  });
});

it('a life that ended, and the one after it, are replayed as they were', async () => {
  const one = await account();
  const runIds = [await untilAtRest(one)];
  await one.insist(one.deposit('second'));
  runIds.push(await untilAtRest(one));
  for (const runId of runIds) {
    const history = await server.client.workflow.getHandle(one.stream, runId).fetchHistory();
    const bundle = { workflowBundle: { codePath: accountBundle } };
    await Worker.runReplayHistory(bundle, history, one.stream);
  }
});
