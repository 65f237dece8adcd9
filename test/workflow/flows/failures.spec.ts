import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { outcomeIn } from '#libs/testing/outcome-in.js';
import { placesChosen } from '../../support/depth.js';
import { ProbeHome } from './probe-home.js';
import { eventually, ProbeDriver } from './probe-server.js';

const home = new ProbeHome();
beforeAll(async () => {
  await home.open();
  await home.startWorkers();
});
afterAll(() => home.close());
beforeEach(() => {
  home.asked.length = 0;
  home.answer = () => ({});
});

async function started(script: string, input: JsonObject = {}): Promise<ProbeDriver> {
  const probe = new ProbeDriver(home);
  expect(await probe.start(script, input)).toMatchObject({ status: 'accepted' });
  return probe;
}

/** Sends a message once the flow has handled a reset: those from before are refused. */
async function sendAfterReset(probe: ProbeDriver, type: string, data: JsonObject): Promise<void> {
  for (;;) {
    const outcome = await probe.send(type, data);
    if (outcome.status === 'accepted') return;
    expect(outcome).toMatchObject({ code: 'COMMAND.OUTCOME_LOST' });
  }
}

/** Sends a command without waiting for its outcome. */
async function signal(probe: ProbeDriver, type: string, data: JsonObject): Promise<void> {
  const at = await home.moment();
  await home.gateway.send(probe.stream, [envelopeOf({ type, data, at }, randomUUID())]);
}

async function lengthOf(probe: ProbeDriver): Promise<number> {
  return (await home.client.workflow.getHandle(probe.stream).describe()).historyLength;
}

const notes = (probe: ProbeDriver) => probe.events.filter((type) => type === 'MessageReceived').length;
const hasWait = (name: string) => (state: { waits: readonly { name: string }[] }) =>
  state.waits.some((wait) => wait.name === name);

describe('a flow whose workflow is reset in Temporal', () => {
  const tasks: readonly [string, number][] = [
    ['its first task', 0],
    ['its last task', -1],
  ];
  const isTaskChosen = placesChosen('tasks to reset to', 2);
  it.each(tasks.filter((_, place) => isTaskChosen(place)))(
    'to %s, continues, and has lost and repeated nothing',
    async (_, task) => {
      const probe = await started('two');
      await probe.send('Note', { text: 'a' });
      await probe.until(({ received }) => received === 1);
      await home.reset(probe.stream, task);
      await sendAfterReset(probe, 'Note', { text: 'b' });
      expect((await probe.ended()).result).toEqual({ texts: ['a', 'b'] });
      expect(notes(probe)).toBe(2);
    },
  );

  it('twice to its first task, ends all the same', async () => {
    const probe = await started('two');
    await probe.send('Note', { text: 'a' });
    await probe.until(hasWait('sleep'));
    const { runId } = await home.client.workflow.getHandle(probe.stream).describe();
    await home.reset(probe.stream, 0);
    await probe.until(({ received }) => received === 1);
    await sendAfterReset(probe, 'Note', { text: 'b' });
    await home.reset(probe.stream, 0, runId);
    expect((await probe.ended()).result).toEqual({ texts: ['a', 'b'] });
  });

  const isEndChosen = placesChosen('tasks to reset ended flows to', 3);
  it.each([0, 1, -1].filter((_, place) => isEndChosen(place)))(
    'after its end, to task %d, stays as it ended',
    async (task) => {
      const probe = await started('undo');
      await probe.ended();
      const { events } = probe;
      const keys = new Set(home.asked.map(({ key }) => key));
      await home.reset(probe.stream, task);
      await home.client.workflow.getHandle(probe.stream).result();
      expect(probe.events).toEqual(events);
      expect(new Set(home.asked.map(({ key }) => key))).toEqual(keys);
    },
  );

  it('while its end is being recorded, completes', async () => {
    let answer = (): void => undefined;
    home.answer = () => new Promise((resolve) => (answer = () => resolve({ id: 'c-1' })));
    const probe = await started('call');
    await eventually(() => home.asked.length > 0);
    home.store.setAway(true);
    try {
      answer();
      await eventually(async () => {
        const { raw } = await home.client.workflow.getHandle(probe.stream).describe();
        return (raw.pendingActivities ?? []).some(
          ({ activityType }) => activityType?.name === 'decideAndAppend',
        );
      });
      home.answer = () => ({ id: 'c-1' });
      await home.reset(probe.stream, -1);
    } finally {
      home.store.setAway(false);
    }
    expect(await probe.ended()).toMatchObject({ status: 'completed', result: { answer: { id: 'c-1' } } });
    expect(new Set(home.asked.map(({ key }) => key)).size).toBe(1);
  });
});

describe('a flow whose task fails after its append and is run again', () => {
  it('is not taken for lost when that was its first task', async () => {
    const probe = new ProbeDriver(home);
    await signal(probe, 'Start', { script: 'crash', with: { upTo: 4 } });
    await probe.until(({ status }) => status === 'running');
    await probe.send('Note', { text: 'a' });
    expect((await probe.ended()).result).toEqual({ text: 'a' });
    expect(probe.events.filter((type) => !/Waiting/.test(type))).toEqual([
      'FlowStarted',
      'MessageReceived',
      'FlowCompleted',
    ]);
  });

  it('gets the message that was appended, once', async () => {
    const probe = await started('crash', { upTo: 0 });
    await probe.until(hasWait('Note'));
    await signal(probe, 'Note', { text: `a:${(await lengthOf(probe)) + 3}` });
    expect((await probe.ended()).result).toEqual({ text: 'a' });
    expect(notes(probe)).toBe(1);
    expect(home.asked).toHaveLength(1);
  });
});

it('a flow whose appends are written but not answered loses and repeats nothing', async () => {
  const probe = new ProbeDriver(home);
  const lose = () => home.store.failNext('lost-after-write');
  lose();
  await signal(probe, 'Start', { script: 'two' });
  await probe.until(hasWait('Note'));
  lose();
  await signal(probe, 'Note', { text: 'a' });
  await probe.until(hasWait('sleep'));
  lose();
  await signal(probe, 'Note', { text: 'b' });
  expect((await probe.ended()).result).toEqual({ texts: ['a', 'b'] });
  expect(notes(probe)).toBe(2);
});

it('an attempt of a call that ends after the next one has answered changes nothing', async () => {
  let answerLate = (): void => undefined;
  home.answer = () => new Promise((resolve) => (answerLate = () => resolve({ attempt: 1 })));
  const probe = await started('late');
  await eventually(() => home.asked.length === 1);
  home.answer = () => ({ attempt: 2 });
  await probe.until(hasWait('Go'));
  answerLate();
  await probe.send('Go');
  expect((await probe.ended()).result).toEqual({ attempt: 2 });
  expect(home.asked).toHaveLength(2);
  expect(new Set(home.asked.map(({ key }) => key)).size).toBe(1);
});

describe('what comes together while no worker runs', () => {
  const away = async (script: string, input: JsonObject, then: (probe: ProbeDriver) => Promise<void>) => {
    const probe = await started(script, input);
    await probe.until(({ waits }) => waits.length > 0);
    await home.stopWorkers();
    try {
      await then(probe);
    } finally {
      await home.startWorkers();
    }
    return probe.ended();
  };

  it('a message and the timer: the message wins', async () => {
    const { result } = await away('timeout', { time: '1s' }, async (probe) => {
      await signal(probe, 'Note', { text: 'here' });
      await eventually(async () => {
        const { events } = await home.client.workflow.getHandle(probe.stream).fetchHistory();
        return events?.some((event) => event.timerFiredEventAttributes) === true;
      });
    });
    expect(result).toEqual({ text: 'here' });
  });

  it('a message and a cancellation: it is cancelled, and the message is counted', async () => {
    const state = await away('two', {}, async (probe) => {
      await signal(probe, 'Note', { text: 'a' });
      await signal(probe, 'Cancel', { reason: 'enough' });
      await signal(probe, 'Note', { text: 'b' });
    });
    expect(state).toMatchObject({ status: 'cancelled', received: 2 });
  });
});

describe('a flow in many rounds', () => {
  const ROUNDS = 32;

  it('continues as new with unread messages and senders that wait, and loses none', async () => {
    const probe = await started('busy');
    const sent = Array.from({ length: ROUNDS }, (_, index) => probe.send('Note', { text: String(index) }));
    for (const outcome of await Promise.all(sent)) expect(outcome).toMatchObject({ status: 'accepted' });
    await probe.send('Note', { text: 'stop' });
    const { result } = await probe.ended();
    expect(result).toEqual({ sum: (ROUNDS * (ROUNDS - 1)) / 2, rounds: ROUNDS });
    expect(new Set(home.asked.map(({ key }) => key)).size).toBe((ROUNDS + 1) * 10);
    const first = home.client.workflow.getHandle(probe.stream);
    const { raw } = await first.describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
  });

  it('forgets the ends of children that it left', async () => {
    const probe = await started('leavesChildren', { id: randomUUID() });
    await probe.ended();
    const last = home.store.eventsOf(probe.stream).at(-1);
    expect(last).toMatchObject({ type: 'FlowCompleted', data: { unread: [] } });
  });
});

it('a flow takes 1,000 messages ahead, refuses more, and takes more once it has read them', async () => {
  let answer = (): void => undefined;
  home.answer = () => new Promise((resolve) => (answer = () => resolve({})));
  const probe = await started('flooded');
  const at = await home.moment();
  const note = (n: number) =>
    envelopeOf({ type: 'Note', data: { text: String(n) }, at }, `${probe.stream} ${n}`);
  const flood = Array.from({ length: 1_100 }, (_, n) => note(n));
  const receipts = await Promise.all(
    flood.map(async (envelope) => outcomeIn(await home.gateway.execute(probe.stream, [envelope], 20_000))),
  );
  const codes = receipts.map((receipt) => ('code' in receipt ? receipt.code : receipt.status));
  expect(codes.filter((code) => code === 'accepted')).toHaveLength(1_000);
  expect(codes.filter((code) => code === 'FLOW.INBOX_FULL')).toHaveLength(100);
  answer();
  await eventually(async () => (await probe.send('Note', { text: 'more' })).status === 'accepted');
  await probe.send('Go');
  const { result, received } = await probe.ended();
  expect((result as { numbers: number[] }).numbers).toEqual(
    Array.from({ length: received - 1 }, (_, index) => index + 1),
  );
});

describe('branches', () => {
  it('race: a child that takes too long is left, and its end is told later', async () => {
    const probe = await started('raceChild', { id: randomUUID() });
    expect((await probe.ended()).result).toEqual({ winner: 'time', child: 'FLOW.CANCELLED' });
  });

  it('that are cancelled in the middle of a list begin nothing more, and are undone', async () => {
    const probe = await started('eachLong', { count: 20 });
    const asked = () => home.asked.flatMap(({ data: { item } }) => (typeof item === 'number' ? [item] : []));
    await eventually(() => asked().length === 3);
    await probe.send('Cancel', { reason: 'enough' });
    expect(await probe.ended()).toMatchObject({ status: 'cancelled' });
    expect([asked().slice(0, 3).sort(), asked().slice(3)]).toEqual([
      [0, 1, 2],
      [2, 1, 0],
    ]);
  });

  it('that throw at once end the others', async () => {
    const probe = await started('throwsAtOnce');
    expect((await probe.ended()).result).toEqual({ round: 1 });
  });
});

describe('with a cache of none, when every task replays', () => {
  beforeAll(async () => {
    await home.stopWorkers();
    await home.startWorkers({ cached: 0 });
  });

  const scripts: readonly [string, JsonObject][] = [
    ['each', { count: 10 }],
    ['all', {}],
    ['undo', {}],
  ];
  const isChosen = placesChosen('flows that always replay', 3);
  it.each(scripts.filter((_, place) => isChosen(place)))(
    '%s asks for the same as ever',
    async (script, input) => {
      const probe = await started(script, input);
      await probe.ended();
      expect(new Set(home.asked.map(({ key }) => key)).size).toBe(home.asked.length);
    },
  );

  it('messages arrive once and in order', async () => {
    const probe = await started('endless');
    for (const text of ['1', '2', '3', 'stop']) await probe.send('Note', { text });
    expect((await probe.ended()).result).toEqual({ sum: 6 });
  });
});
