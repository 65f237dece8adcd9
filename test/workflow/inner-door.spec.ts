import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { until } from './account-driver.js';
import { InnerDoor } from './inner-door.js';

const door = new InnerDoor();
beforeAll(() => door.open());
afterAll(() => door.close());

const good = envelopeOf({ type: 'Deposit', data: { amount: 5 } }, 'good');
const json = (value: unknown): readonly string[] => ['--input', JSON.stringify(value)];
const bytes = (text: string, encoding: string): readonly string[] => [
  '--input',
  Buffer.from(text).toString('base64'),
  '--input-base64',
  '--input-meta',
  `encoding=${encoding}`,
];
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const withData = (data: string) =>
  JSON.stringify([{ ...good, data: '' }]).replace('"data":""', `"data":${data}`);

/** Payloads that are not commands, and how the program takes them. */
const senseless: readonly (readonly [string, readonly string[]])[] = [
  ['no argument', []],
  ['an unknown encoding', bytes('[]', 'avro/binary')],
  ['no encoding', bytes('[]', '')],
  ['a null', bytes('', 'binary/null')],
  ['bytes', bytes('\u0000\u0001\u0002', 'binary/plain')],
  ['a number', json(7)],
  ['a text', json('commands')],
  ['an object in the place of a list', json({ ...good })],
  ['a list of nulls', json([null])],
  ['a list of lists', json([[good]])],
  ['a command without an id', json([{ ...good, commandId: undefined }])],
  ['an id that is a number', json([{ ...good, commandId: 7 }])],
  ['an id with a NUL', json([{ ...good, commandId: 'a\u0000b' }])],
  ['data that are a text', json([{ ...good, data: 'amount' }])],
  ['a time that is none', json([{ ...good, sentAt: 'tomorrow' }])],
  ['a revision that is a text', json([{ ...good, expectedRevision: '7' }])],
  ['a good command before one of no sense', json([good, { type: 'Deposit' }])],
  ['many arguments', [...json('a'), ...json('b'), ...json([good])]],
];

/** Sends the account a valid command, and expects it to be accepted and to be its only event. */
async function expectToGoOn(stream: string): Promise<void> {
  const before = door.server.store.eventsOf(stream).length;
  const deposit = envelopeOf({ type: 'Deposit', data: { amount: 1 } }, `${stream} ${before}`);
  const [receipt] = await door.server.gateway.execute(stream, [deposit], 10_000);
  expect(receipt).toMatchObject({ status: 'accepted', revision: before });
  expect(await door.server.gateway.state(stream)).toMatchObject({ revision: before });
}

describe('an account to which the temporal program sends', () => {
  let stream: string;
  beforeAll(async () => {
    stream = await door.account(opened, deposited(100));
    await door.start(stream, ...json({ stream }));
  });

  it.each(senseless)('as commands by signal %s, drops it and continues', async (_, input) => {
    const { code } = await door.temporal('workflow', 'signal', '-w', stream, '--name', 'commands', ...input);
    expect(code).toBe(0);
    await expectToGoOn(stream);
  });

  it.each(senseless.filter((_, index) => index % 4 === 0))(
    'as commands by update %s, refuses it and continues',
    async (_, input) => {
      const update = ['workflow', 'update', 'execute', '-w', stream, '--name', 'execute', ...input];
      const { code, text } = await door.temporal(...update);
      expect(code).toBe(1);
      expect(text).toMatch(/it holds no list of commands|is no command/);
      await expectToGoOn(stream);
    },
  );

  it('has counted what it dropped', async () => {
    expect(await register.metrics()).toMatch(
      new RegExp(`perdure_signals_dropped_total{.*signal="commands"} ${senseless.length}`),
    );
  });

  it.each([
    ['refold', json('the stream')],
    ['refold', json(1.5)],
    ['refold', json(-7)],
    ['refold', bytes('{', 'avro/binary')],
    ['refold', []],
    ['unknown', json(1)],
    ['unknown', bytes('{', 'avro/binary')],
    ['__temporal_signal', json(1)],
    ['__stack_trace', json(1)],
  ])('the signal %s with %j, continues', async (name, input) => {
    const { code } = await door.temporal('workflow', 'signal', '-w', stream, '--name', name, ...input);
    expect(code).toBe(0);
    await expectToGoOn(stream);
  });

  it.each(['unknown', '__temporal_update'])('the update %s, refuses it and continues', async (name) => {
    const { code } = await door.temporal('workflow', 'update', 'execute', '-w', stream, '--name', name);
    expect(code).toBe(1);
    await expectToGoOn(stream);
  });

  it.each([
    ['receipt', []],
    ['receipt', json({ a: 1 })],
    ['receipt', bytes('{', 'avro/binary')],
    ['state', json('much')],
    ['state', bytes('{', 'avro/binary')],
    ['unknown', json(1)],
  ])('the query %s with %j, continues', async (name, input) => {
    await door.temporal('workflow', 'query', '-w', stream, '--type', name, ...input);
    await expectToGoOn(stream);
  });

  it.each([
    ['broken JSON', '[{"commandId": '],
    ['nothing', ''],
    ['JSON too deep to be written again', withData(`{"a":${deep(20_000)}}`)],
    ['1.8 MB', withData(`{"reference":"${'x'.repeat(1_800_000)}"}`)],
    ['two thousand commands', `[${Array.from({ length: 2_000 }, () => JSON.stringify(good)).join(',')}]`],
  ])('signals that the program itself would not send: %s, drops them and continues', async (_, data) => {
    for (const signal of ['commands', 'refold', 'unknown']) await door.signalRaw(stream, signal, data);
    await expectToGoOn(stream);
  });

  it('answers receipts while no worker runs', async () => {
    await door.stopWorkers();
    try {
      const waiting = envelopeOf({ type: 'Deposit', data: { amount: 1 } }, `${stream} waiting`);
      await door.server.gateway.send(stream, [waiting]);
      for (const [, input] of senseless.slice(0, 8)) {
        await door.temporal('workflow', 'signal', '-w', stream, '--name', 'commands', ...input);
      }
      await door.signalRaw(stream, 'commands', '[{');
      const receipt = await door.server.gateway.receipt(stream, waiting.commandId);
      expect(receipt).toMatchObject({ status: 'pending', commandId: waiting.commandId });
    } finally {
      await door.startWorkers();
    }
    await until(
      async () => door.server.store.eventsOf(stream).at(-1)?.metadata.commandId,
      (commandId) => commandId === envelopeOf({ type: '', data: {} }, `${stream} waiting`).commandId,
    );
    await expectToGoOn(stream);
  });
});

describe('an account whose workflow is started by hand', () => {
  it.each([
    ['no input', []],
    ['a text', json('account')],
    ['broken JSON', bytes('{', 'avro/binary')],
    ['the stream of another one', json({ stream: 'account-default.other' })],
    [
      'nonsense from a run before',
      json({ carried: { fold: 7, ring: 'none', inbox: [1] }, messagesPerRun: 'x' }),
    ],
    ['a fold of nonsense', json({ carried: { fold: { revision: 'x', state: 1 }, ring: {}, inbox: [] } })],
  ])('with %s, is the account in its id', async (_, input) => {
    const stream = await door.account(opened, deposited(100));
    await door.start(stream, ...input);
    await expectToGoOn(stream);
  });

  it.each(['account', 'account-default', 'cart-default.c1', 'account-default.a/b'])(
    'under the id %s, which no account has, ends as failed',
    async (id) => {
      await door.start(id, ...json({ stream: 'account-default.alice' }));
      const { status } = await until(
        () => door.server.client.workflow.getHandle(id).describe(),
        (described) => described.status.name !== 'RUNNING',
      );
      expect(status.name).toBe('FAILED');
    },
  );
});

describe('an activity of an account', () => {
  /**
   * Whether an account with a pending command accepts it, after `act` has manipulated the blocked
   * activity.
   */
  async function whileOneStands(act: (of: readonly string[]) => Promise<unknown>): Promise<void> {
    const stream = await door.account(opened, deposited(100));
    await expectToGoOn(stream);
    const deposit = envelopeOf({ type: 'Deposit', data: { amount: 9 } }, `${stream} waiting`);
    let letGo = (): void => undefined;
    door.gate = new Promise((resolve) => (letGo = resolve));
    try {
      await door.server.gateway.send(stream, [deposit]);
      // The local attempt takes two seconds; the next one is a regular activity.
      const activityId = await until(
        async () => {
          const { raw } = await door.server.client.workflow.getHandle(stream).describe();
          return raw.pendingActivities?.find((one) => one.lastStartedTime)?.activityId ?? '';
        },
        (id) => id !== '',
      );
      await act(['-w', stream, '--activity-id', activityId]);
    } finally {
      letGo();
    }
    await until(
      () => door.server.gateway.receipt(stream, deposit.commandId),
      (receipt) => receipt?.status === 'accepted',
    );
    await expectToGoOn(stream);
  }

  it.each([
    ['completed with nonsense', ['complete', '--result', '"done"']],
    ['completed with something else', ['complete', '--result', '{"outcomes": 7}']],
    ['failed', ['fail', '--reason', 'a test']],
  ])('that is %s by hand, is started again', async (_, [verb = '', ...options]) => {
    await whileOneStands(async (of) => {
      expect(await door.temporal('activity', verb, ...of, ...options)).toMatchObject({ code: 0 });
    });
  });

  it('that is paused, continues when it is unpaused', async () => {
    await whileOneStands(async (of) => {
      for (const verb of ['pause', 'unpause', 'reset']) {
        expect(await door.temporal('activity', verb, ...of)).toMatchObject({ code: 0 });
      }
    });
  });
});
