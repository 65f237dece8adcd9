import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { until } from './account-driver.js';
import { InnerDoor } from './inner-door.js';

const door = new InnerDoor();
beforeAll(() => door.open());
afterAll(() => door.close());
afterEach(() => {
  door.memory.isAway = false;
});

/** A command as of now. */
const commandOf = (name: string, { type, data }: TestCommand, options?: Parameters<typeof envelopeOf>[2]) =>
  envelopeOf({ type, data, at: toTimestamp(Date.now()) }, name, options);
const deposit = () => commandOf(randomUUID(), { type: 'Deposit', data: { amount: 1 } });
const typesOf = (stream: string) => door.server.store.eventsOf(stream).map(({ type }) => type);
const execute = async (stream: string, command: CommandEnvelope) =>
  onlyReceipt(await door.server.gateway.execute(stream, [command], 10_000));

/** The target of a reset, as options of the program. */
type Target = (runId: string) => Promise<readonly string[]>;

const first: Target = async () => ['--type', 'FirstWorkflowTask'];
const last: Target = async () => ['--type', 'LastWorkflowTask'];

/** The workflow task at a fraction of the history. */
function taskAt(stream: string, share: number): Target {
  return async (runId) => {
    const { events = [] } = await door.server.client.workflow.getHandle(stream, runId).fetchHistory();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    return ['--event-id', String(tasks[Math.floor(share * (tasks.length - 1))]?.eventId)];
  };
}

async function runOf(stream: string): Promise<string> {
  return (await door.server.client.workflow.getHandle(stream).describe()).runId;
}

async function reset(stream: string, target: Target, runId?: string): Promise<void> {
  const before = runId ?? (await runOf(stream));
  const what = ['-w', stream, '--run-id', before, '--reason', 'a test', ...(await target(before))];
  expect(await door.temporal('workflow', 'reset', ...what)).toMatchObject({ code: 0 });
}

/**
 * Commands from before the entity has handled the reset are refused. A new one is then accepted.
 */
async function expectToGoOn(stream: string): Promise<void> {
  await until(
    async () => execute(stream, deposit()),
    (receipt) => !('code' in receipt) || receipt.code !== 'COMMAND.OUTCOME_LOST',
  );
  const live = await door.server.gateway.state(stream);
  expect(live).toMatchObject({ revision: typesOf(stream).length - 1 });
}

/**
 * An account that has rejected three withdrawals which it could pay by now, and accepted two
 * deposits.
 */
async function account(messagesPerRun?: number) {
  const stream = await door.account(opened, deposited(100));
  if (messagesPerRun !== undefined)
    await door.start(stream, '--input', JSON.stringify({ stream, messagesPerRun }));
  const firstRun = messagesPerRun === undefined ? undefined : await runOf(stream);
  const command = (name: string, type: string, amount: number, key?: string) =>
    commandOf(
      `${stream} ${name}`,
      { type, data: { amount } },
      key === undefined ? {} : { key: stream + key },
    );
  const rejected = [
    command('by update', 'Withdraw', 500),
    command('by signal', 'Withdraw', 500),
    command('under a key', 'Withdraw', 500, 'key'),
  ];
  const accepted = [command('keyless', 'Deposit', 2_000), command('keyed', 'Deposit', 2_000, 'other')];
  const [byUpdate, bySignal, keyed] = rejected as [CommandEnvelope, CommandEnvelope, CommandEnvelope];
  expect(await execute(stream, byUpdate)).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS' });
  await door.server.gateway.send(stream, [bySignal]);
  expect(await execute(stream, keyed)).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS' });
  for (const one of accepted) expect(await execute(stream, one)).toMatchObject({ status: 'accepted' });
  const told = typesOf(stream);
  const expectAllToStand = async (): Promise<void> => {
    await expectToGoOn(stream);
    for (const one of rejected) expect(await execute(stream, one)).toMatchObject({ status: 'rejected' });
    for (const one of accepted) expect(await execute(stream, one)).toMatchObject({ status: 'accepted' });
    const since = typesOf(stream);
    expect(since.slice(0, told.length)).toEqual(told);
    expect(new Set(since.slice(told.length))).toEqual(new Set(['MoneyDeposited']));
    await expectToGoOn(stream);
  };
  return { stream, firstRun, keyed, expectAllToStand };
}

describe('an account whose workflow is reset in Temporal', () => {
  it.each<[string, (stream: string) => Target]>([
    ['its first task', () => first],
    ['its last task', () => last],
    ['a task in the first half', (stream) => taskAt(stream, 0.3)],
    ['a task in the second half', (stream) => taskAt(stream, 0.7)],
  ])('to %s, resumes from its stream, and its answers still hold', async (_, target) => {
    const { stream, keyed, expectAllToStand } = await account();
    await reset(stream, target(stream));
    await expectAllToStand();
    expect(await execute(stream, keyed)).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS' });
  });

  it('executes nothing while it is unknown what was rejected under a key', async () => {
    const { stream, expectAllToStand } = await account();
    door.memory.isAway = true;
    await reset(stream, first);
    await expectToGoOn(stream);
    door.memory.isAway = false;
    await expectAllToStand();
  });

  it('twice, and replayed by another worker, continues', async () => {
    const { stream, expectAllToStand } = await account();
    await reset(stream, (run) => taskAt(stream, 0.5)(run));
    await expectAllToStand();
    await reset(stream, first);
    await door.stopWorkers();
    await door.startWorkers();
    await expectAllToStand();
  });

  it('to a run from before it was continued as new, continues', async () => {
    const { stream, firstRun, expectAllToStand } = await account(2);
    expect(await runOf(stream)).not.toBe(firstRun);
    await reset(stream, last, firstRun);
    await expectAllToStand();
  });

  it('while nothing happens, takes the first command that comes after', async () => {
    const { stream } = await account();
    const before = await runOf(stream);
    await reset(stream, last);
    await until(
      async () => {
        const { events } = await door.server.client.workflow.getHandle(stream).fetchHistory();
        const since = events?.slice(events.findLastIndex((event) => event.workflowTaskFailedEventAttributes));
        return since?.some((event) => event.workflowTaskCompletedEventAttributes);
      },
      (isCompleted) => isCompleted === true,
    );
    expect(await runOf(stream)).not.toBe(before);
    await expectToGoOn(stream);
  });

  it('while an activity decides, decides nothing on the state of before', async () => {
    const { stream, expectAllToStand } = await account();
    let letGo = (): void => undefined;
    door.gate = new Promise((resolve) => (letGo = resolve));
    try {
      await door.server.gateway.send(stream, [deposit()]);
      await until(
        () => door.server.client.workflow.getHandle(stream).describe(),
        ({ raw }) => (raw.pendingActivities?.length ?? 0) > 0,
      );
      await reset(stream, last);
    } finally {
      letGo();
    }
    await expectAllToStand();
  });
});

describe('a transfer whose workflow is reset in Temporal', () => {
  it.each<[string, (stream: string) => Target]>([
    ['its first task', () => first],
    ['a task in between', (stream) => taskAt(stream, 0.5)],
  ])('to %s, stays completed, and nothing is paid twice', async (_, target) => {
    const from = await door.account(opened, deposited(500));
    const to = await door.account(opened);
    const stream = streamName('transfer', randomUUID());
    const idOf = (account: string) => account.replace('account-default.', '');
    const data = { from: idOf(from), to: idOf(to), amount: 100, currency: 'USD' };
    await execute(stream, commandOf(stream, { type: 'Start', data }));
    const untilCompleted = () =>
      until(
        () => door.server.gateway.state(stream),
        (live) => live?.state['status'] === 'completed',
      );
    await untilCompleted();
    const told = [stream, from, to].map(typesOf);
    await reset(stream, target(stream));
    const cancel = commandOf(randomUUID(), { type: 'Cancel', data: { reason: 'a test' } });
    expect(await execute(stream, cancel)).toMatchObject({ status: 'rejected' });
    await untilCompleted();
    expect([stream, from, to].map(typesOf)).toEqual(told);
  });
});
