import { describe, expect, it as test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { EventsOf } from '#contracts/entity-contract.js';
import { flowContract } from '#contracts/flow/flow.contract.js';
import { MAX_STATE_BYTES } from '#libs/entity/activities/state-bound.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { inMemory } from '#libs/testing/memory.stage.js';
import { moment } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import { depthOf } from '../../../test/support/depth.js';
import { jsonBytes } from '../json-bytes.js';
import { flowDecider, flowFolding } from './flow.decider.js';
import { inboxBytes } from './flow.evolve.js';
import type { FlowCommand, FlowEvent, FlowHostFacts } from './flow.messages.js';
import { type FlowState, isOpenFlow, notStartedFlow } from './flow.state.js';
import { presentFlow } from './flow.view.js';

const allow = ['anyone'] as const;
const access = { start: allow, cancel: allow, read: allow, feed: allow };
const errandContract = flowContract({
  name: 'errand',
  path: 'flows/errand',
  summary: 'An errand',
  access,
  input: z.strictObject({ what: z.string() }),
  messages: { Hurry: { schema: z.strictObject({ by: z.string() }), summary: 'Be there earlier', allow } },
  progress: z.strictObject({ at: z.string() }),
  result: z.strictObject({ paid: z.int(), note: z.string().optional() }),
});
const errandDecider = flowDecider({ name: 'errand', messages: Object.keys(errandContract.messages) });

type ErrandEvent = EventsOf<typeof errandContract>;

const at = moment();
/** The execution outside of any host. */
const execution = 'unknown';
const input = { what: 'bread' };
const parent = { category: 'household', id: 'h-1', place: 'errand' };
const large = 'x'.repeat(65_530);

const started: ErrandEvent = { type: 'FlowStarted', data: { input, execution, at } };
const startedAsChild: ErrandEvent = { type: 'FlowStarted', data: { input, execution, parent, at } };
const lost: ErrandEvent = { type: 'FlowLost', data: { at } };
const restarted: ErrandEvent = { type: 'FlowRestarted', data: { execution, at } };
const hurried = (n: number): ErrandEvent => ({
  type: 'MessageReceived',
  data: { n, name: 'Hurry', data: { by: 'noon' }, at },
});
const cancelRequested: ErrandEvent = { type: 'FlowCancelRequested', data: { reason: 'rain', at } };
const completed: ErrandEvent = { type: 'FlowCompleted', data: { result: { paid: 3 }, unread: [], at } };
const failed: ErrandEvent = {
  type: 'FlowFailed',
  data: { code: 'SHOP.SHUT', detail: 'no', unread: [2], at },
};
const cancelled: ErrandEvent = { type: 'FlowCancelled', data: { reason: 'rain', unread: [], at } };
const stuck: ErrandEvent = {
  type: 'CompensationStuck',
  data: { name: 'return', code: 'SHOP.SHUT', detail: 'no', at },
};
const childEnded = (n: number): ErrandEvent => ({
  type: 'ChildEnded',
  data: { n, place: 'sub', outcome: { status: 'completed', result: {} }, at },
});

const callbackEnded = (n: number): ErrandEvent => ({
  type: 'CallbackEnded',
  data: { n, place: 'delivered', outcome: { status: 'completed', result: {} }, at },
});

const { given, command, it } = scenariosOn(inMemory(errandDecider), errandContract);

const start = command('Start', input);
const startChild = (sender?: string): TestCommand => ({
  ...command('StartChild', { input, parent }),
  ...(sender !== undefined && { sender }),
});
const hurry = command('Hurry', { by: 'noon' });
const cancel = command('Cancel', { reason: 'rain' });
const restart = command('Restart', {});
const retry = command('RetryCompensation', { name: 'return' });
const resolve = command('ResolveCompensation', { name: 'return', note: 'returned by hand' });
const childEnds = command('ChildEnded', { place: 'sub', outcome: { status: 'completed', result: {} } });
const callbackEnds = command('EndCallback', {
  place: 'delivered',
  outcome: { status: 'completed', result: {} },
});
const waits = [{ place: 'a', kind: 'sleep' as const, name: 'nap', until: moment(60) }];
const recordWaits = command('RecordWaits', { waits });
const progress = command('RecordProgress', { value: { at: 'the shop' } });
const complete = command('Complete', { result: { paid: 3 }, unread: [], seen: 0 });
const fail = command('Fail', { code: 'SHOP.SHUT', detail: 'no', unread: [2], seen: 0 });
const confirmCancelled = command('ConfirmCancelled', { unread: [], seen: 0 });
const markLost = command('MarkLost', {});
const getStuck = command('RecordStuckCompensation', { name: 'return', code: 'SHOP.SHUT', detail: 'no' });

const hostedBy = (execution: string, read = 0, readBytes = 0): { host: FlowHostFacts } => ({
  host: { execution, read, readBytes },
});
const milestones = [recordWaits, progress, complete, fail, confirmCancelled, getStuck, markLost];
const allButStart = [hurry, cancel, restart, retry, resolve, childEnds, callbackEnds, ...milestones];

describe('a flow that was never started', () => {
  const startedBy = 'test:someone';
  it('starts', () =>
    given()
      .when(start)
      .then({ ...started, data: { ...started.data, startedBy } }));

  it('records the execution that runs it', () =>
    given()
      .when({ ...start, ...hostedBy('run-1') })
      .then({ type: 'FlowStarted', data: { input, execution: 'run-1', startedBy, at } }));

  it('takes no input over 64 KB', () =>
    given()
      .when(command('Start', { what: large }))
      .thenRejected('FLOW.TOO_LARGE'));

  it.each(allButStart)('knows no $type', (command) => given().when(command).thenRejected('FLOW.NOT_STARTED'));
});

describe('a running flow', () => {
  it('is not started again', () => given(started).when(start).thenRejected('FLOW.ALREADY_STARTED'));

  it('numbers its messages, with the outcomes of its children', () =>
    given(started, hurried(1), childEnded(2)).when(hurry).then(hurried(3)));

  it('hears of the end of a child', () => given(started, hurried(1)).when(childEnds).then(childEnded(2)));

  it('takes the end that was reported to a callback address', () =>
    given(started, hurried(1)).when(callbackEnds).then(callbackEnded(2)));

  it.each([
    ['open', undefined],
    ['over', 'FLOW.CALLBACK_OVER'],
  ] as const)('takes no end of a callback but while it is open: %s', (callback, code) => {
    const when = { ...callbackEnds, host: { ...hostedBy('unknown').host, callback } };
    return code === undefined
      ? given(started).when(when).then(callbackEnded(1))
      : given(started).when(when).thenRejected(code);
  });

  it('takes no message over 64 KB', () =>
    given(started)
      .when(command('Hurry', { by: large }))
      .thenRejected('FLOW.TOO_LARGE'));

  it('knows no message of another name', () =>
    given(started).when({ type: 'Dawdle', data: {} }).thenRejected('FLOW.UNKNOWN_MESSAGE'));

  it('is asked to stop', () => given(started).when(cancel).then(cancelRequested));

  it('is asked to stop once', () =>
    given(started, cancelRequested).when(cancel).thenRejected('FLOW.ALREADY_CANCELLED'));

  it('records what it waits for', () =>
    given(started).when(recordWaits).then({ type: 'FlowWaiting', data: { waits, at } }));

  it('records how far it is', () =>
    given(started)
      .when(progress)
      .then({ type: 'FlowProgressed', data: { value: { at: 'the shop' }, at } }));

  it('reports no progress over 64 KB', () =>
    given(started)
      .when(command('RecordProgress', { value: { at: large } }))
      .thenRejected('FLOW.TOO_LARGE'));

  it.each([
    [complete, completed],
    [fail, failed],
  ])('ends by $type', (command, event) => given(started).when(command).then(event));

  it('counts messages as unread that came before its end and were not seen', () =>
    given(started, hurried(1), hurried(2), hurried(3))
      .when(command('Complete', { result: { paid: 3 }, unread: [1], seen: 1 }))
      .then({ type: 'FlowCompleted', data: { result: { paid: 3 }, unread: [1, 2, 3], at } }));

  it('has no result over 64 KB', () =>
    given(started)
      .when(command('Complete', { result: { paid: 3, note: large }, unread: [], seen: 0 }))
      .thenRejected('FLOW.TOO_LARGE'));

  it('fails in one line of at most 500 characters', () =>
    given(started)
      .when(command('Fail', { code: 'A.B', detail: `two\nlines${large}`, unread: [], seen: 0 }))
      .then({
        type: 'FlowFailed',
        data: { code: 'A.B', detail: `two lines${large}`.slice(0, 500), unread: [], at },
      }));

  it('is not cancelled unless it was asked to stop', () =>
    given(started).when(confirmCancelled).thenRejected('FLOW.NOT_CANCELLING'));

  it('is not lost', () => given(started).when(markLost).thenRejected('FLOW.NOT_LOST'));

  it('is not restarted', () => given(started).when(restart).thenRejected('FLOW.NOT_LOST'));

  it('is not restarted by another input', () =>
    given(started)
      .when(command('Start', { what: 'milk' }))
      .thenRejected('FLOW.ALREADY_STARTED'));
});

describe('a flow that was asked to stop', () => {
  const history = [started, cancelRequested];

  it.each([
    [complete, completed],
    [fail, failed],
    [confirmCancelled, cancelled],
  ])('ends by $type', (command, event) =>
    given(...history)
      .when(command)
      .then(event),
  );

  it('still takes messages', () =>
    given(...history)
      .when(hurry)
      .then(hurried(1)));
});

describe('a stuck compensation', () => {
  const history = [started, cancelRequested, stuck];

  it('is reported', () => given(started, cancelRequested).when(getStuck).then(stuck));

  it('is retried', () =>
    given(...history)
      .when(retry)
      .then({ type: 'CompensationRetried', data: { name: 'return', at } }));

  it('is resolved by hand', () =>
    given(...history)
      .when(resolve)
      .then({ type: 'CompensationResolved', data: { name: 'return', note: 'returned by hand', at } }));

  it.each([retry, resolve])('needs $type once', (command) =>
    given(...history, { type: 'CompensationRetried', data: { name: 'return', at } })
      .when(command)
      .thenRejected('FLOW.NOT_STUCK'),
  );
});

describe('a lost flow', () => {
  const elsewhere = hostedBy('another run');

  it('is one of another execution', () =>
    given(started)
      .when({ ...markLost, ...elsewhere })
      .then(lost));

  it('is lost once', () =>
    given(started, lost)
      .when({ ...markLost, ...elsewhere })
      .thenRejected('FLOW.LOST'));

  it.each([hurry, recordWaits, progress, complete, fail, confirmCancelled, getStuck, retry, resolve])(
    'accepts no $type',
    (command) => given(started, lost).when(command).thenRejected('FLOW.LOST'),
  );

  it.each([hurry, recordWaits, complete])('accepts no $type, even if no event says so', (command) =>
    given(started)
      .when({ ...command, ...elsewhere })
      .thenRejected('FLOW.LOST'),
  );

  it('still hears of the end of a child', () => given(started, lost).when(childEnds).then(childEnded(1)));

  it('still takes the end of a callback', () =>
    given(started, lost).when(callbackEnds).then(callbackEnded(1)));

  it.each([restart, start])('is restarted by $type', (command) =>
    given(started, hurried(1), lost).when(command).then(restarted),
  );

  it('belongs to the execution that restarts it', () =>
    given(started)
      .when({ ...restart, ...elsewhere })
      .then(lost, { type: 'FlowRestarted', data: { execution: 'another run', at } }));

  it('is not started with another input', () =>
    given(started, lost)
      .when(command('Start', { what: 'milk' }))
      .thenRejected('FLOW.LOST'));

  it('is cancelled', () => given(started, lost).when(cancel).then(cancelled));
});

describe.each([completed, failed, cancelled])('a flow that has ended by $type', (ending) => {
  const history = ending === cancelled ? [started, cancelRequested, ending] : [started, ending];

  it.each([start, ...allButStart])('accepts no $type', (command) =>
    given(...history)
      .when(command)
      .thenRejected('FLOW.ENDED'),
  );
});

describe('a child', () => {
  it('is started by its parent', () =>
    given().when(startChild('household-default.h-1')).then(startedAsChild));

  it.each([undefined, 'household-default.h-2', 'household'])('is not started by %s', (sender) =>
    given().when(startChild(sender)).thenRejected('FLOW.NOT_PARENT'),
  );

  test.each([
    [completed, { status: 'completed', result: { paid: 3 } }],
    [failed, { status: 'failed', code: 'SHOP.SHUT', detail: 'no' }],
    [cancelled, { status: 'cancelled', code: 'FLOW.CANCELLED', detail: 'rain' }],
  ])('tells its parent how it ended: %j', (ending, outcome) => {
    const state = [startedAsChild, ending].reduce(evolved, notStartedFlow);
    expect(errandDecider.react?.(ending as FlowEvent, state, 'e-1')).toEqual([
      {
        key: 'answer',
        action: {
          kind: 'send',
          to: { category: 'household', id: 'h-1' },
          command: { type: 'ChildEnded', data: { place: 'errand', outcome } },
        },
      },
    ]);
  });

  test('without a parent tells nobody', () => {
    const state = [started, completed].reduce(evolved, notStartedFlow);
    expect(errandDecider.react?.(completed as FlowEvent, state, 'e-1')).toEqual([]);
  });
});

describe('a flow that an entity starts', () => {
  const sender = 'trip-default.t-1';
  const told = (outcome: string) => ({ type: 'RecordStep', data: { key: 'errand', outcome } });
  const answers = { completed: told('done'), failed: told('refused'), cancelled: told('refused') };
  const startFor = command('StartFor', { input, answers });
  const asker = { stream: sender, command: 'trip-default.t-1@3/errand', answers };
  const startedFor: ErrandEvent = { type: 'FlowStarted', data: { input, execution, asker, at } };

  test('knows whom to answer, and under which id', () => {
    const sent = { ...startFor, sender, id: asker.command, at } as unknown as FlowCommand;
    expect(errandDecider.decide(sent, notStartedFlow)).toEqual([startedFor]);
  });

  it('is not started so by anybody else', () => given().when(startFor).thenRejected('FLOW.NOBODY_TO_ANSWER'));

  test.each([
    [completed, 'done', { result: { paid: 3 } }],
    [failed, 'refused', { code: 'SHOP.SHUT', detail: 'no' }],
    [cancelled, 'refused', { code: 'FLOW.CANCELLED', detail: 'rain' }],
  ])('answers once it has ended: %j', (ending, outcome, more) => {
    const state = [startedFor, ending].reduce(evolved, notStartedFlow);
    const data = { key: 'errand', outcome, flow: { id: 'e-1', ...more } };
    const to = { category: 'trip', id: 't-1' };
    const action = { kind: 'send', to, command: { type: 'RecordStep', data }, answerTo: asker.command };
    expect(errandDecider.react?.(ending as FlowEvent, state, 'e-1')).toEqual([{ key: 'answer', action }]);
  });
});

describe('the starter of a flow', () => {
  const start = { type: 'Start', data: { what: 'bread' }, at };
  const begun = (command: object) => errandDecider.decide({ ...start, ...command }, notStartedFlow);

  test('owns it, also after a restart', () => {
    const events = begun({ actor: 'alice' }) as readonly FlowEvent[];
    expect(events).toMatchObject([{ data: { startedBy: 'alice' } }]);
    expect(
      [...events, lost, restarted].map((_, index, all) => all.slice(0, index + 1)).map(ownerAfter),
    ).toEqual(['alice', 'alice', 'alice']);
  });

  test('does not own it if it is an entity, or not recorded', () => {
    const events = begun({ actor: 'cart-default.c1', sender: 'cart-default.c1' }) as readonly FlowEvent[];
    expect(ownerAfter(events)).toBeUndefined();
    expect(ownerAfter([started])).toBeUndefined();
  });

  function ownerAfter(events: readonly { type: string; data: object }[]) {
    return errandDecider.owner?.(events.reduce(evolved, notStartedFlow));
  }
});

function evolved(state: FlowState, event: { type: string; data: object }): FlowState {
  return flowFolding({ category: 'errand' }).evolve(state, event as FlowEvent);
}

describe('what a flow has not read', () => {
  const full = { ...evolved(notStartedFlow, started), received: 1_000, receivedBytes: 40_000 };
  const decide = (command: TestCommand, state: FlowState) => errandDecider.decide({ at, ...command }, state);

  test.each([
    [0, 0, 'FLOW.INBOX_FULL'],
    [1, 40, undefined],
  ])('is at most 1,000 messages: %d of them read', (read, readBytes, code) => {
    const decided = decide({ ...hurry, ...hostedBy(execution, read, readBytes) }, full);
    expect('rejected' in decided ? decided.code : undefined).toBe(code);
  });

  test('is at most 512 KB', () => {
    const state = { ...full, received: 20, receivedBytes: 524_288 };
    expect(decide({ ...hurry, ...hostedBy(execution) }, state)).toMatchObject({ code: 'FLOW.INBOX_FULL' });
    expect(decide({ ...hurry, ...hostedBy(execution, 1, 13) }, state)).toMatchObject([{}]);
  });

  test.each([childEnds, callbackEnds])('never keeps out $type', (end) => {
    expect(decide({ ...end, ...hostedBy(execution) }, full)).toMatchObject([{ data: { n: 1_001 } }]);
  });
});

describe('the timers of a flow', () => {
  const waiting = (places: readonly string[], until: (index: number) => string) => ({
    type: 'FlowWaiting',
    data: {
      waits: places.map((place, index) => ({ place, kind: 'sleep', name: 'n', until: until(index) })),
      at,
    },
  });

  test('are kept until the flow ends, by their place', () => {
    const asleep = evolved(
      evolved(notStartedFlow, started),
      waiting(['a'], () => moment(9)),
    );
    const awake = evolved(asleep, { type: 'FlowWaiting', data: { waits: [], at } });
    const again = [lost, restarted].reduce(evolved, awake);
    expect(again).toMatchObject({ status: 'running', waits: [], timers: { a: moment(9) }, seed: execution });
    expect(evolved(again, completed)).toMatchObject({ timers: {}, endedAt: at });
  });

  test('tell when it will act next, while it is open', () => {
    const asleep = evolved(
      evolved(notStartedFlow, started),
      waiting(['a', 'b'], (index) => moment(9 - index)),
    );
    expect(errandDecider.awaits?.(asleep)).toBe(moment(8));
    expect(errandDecider.mustRun?.(asleep)).toBe(true);
    for (const event of [lost, completed]) {
      expect(errandDecider.mustRun?.(evolved(asleep, event))).toBe(false);
      expect(errandDecider.awaits?.(evolved(asleep, event))).toBeUndefined();
    }
  });

  test.each([
    ['number', 1, 1_000],
    ['length', 400, 500],
  ])('are bounded by their %s: those that end last are kept', (_, length, kept) => {
    const places = Array.from({ length: 1_100 }, (_, index) => `${index}`.padStart(length, '-'));
    const state = evolved(
      evolved(notStartedFlow, started),
      waiting(places, (index) => moment(index)),
    );
    expect(Object.keys(state.timers).sort()).toEqual(places.slice(-kept).sort());
  });

  test('are those of sleeps and messages only', () => {
    const call = { place: 'c', kind: 'call', name: 'n', until: moment(1) };
    const state = evolved(notStartedFlow, { type: 'FlowWaiting', data: { waits: [call], at } });
    expect(state.timers).toEqual({});
    expect(state.waits).toEqual([call]);
  });
});

test('a flow shows no more than 1,000 waits', () => {
  const all = Array.from({ length: 2_000 }, (_, index) => ({ place: `p${index}`, kind: 'call', name: 'n' }));
  const state = evolved(notStartedFlow, started);
  const decided = errandDecider.decide({ type: 'RecordWaits', data: { waits: all }, at }, state);
  expect(decided).toEqual([{ type: 'FlowWaiting', data: { waits: all.slice(0, 1_000), at } }]);
});

test('the largest flow stays within the limit of a state', () => {
  const long = (index: number) => `${index}`.padStart(100, '-');
  const all = Array.from({ length: 2_000 }, (_, index) => {
    return { place: long(index), kind: 'message', name: long(index), until: moment(index) };
  });
  const value = 'x'.repeat(65_534);
  const data = { input: { value: 'x'.repeat(65_524) }, execution, parent, at };
  const { decide, evolve } = errandDecider;
  let state = evolved(notStartedFlow, { type: 'FlowStarted', data });
  for (const waits of [all.slice(0, 1_000), all.slice(1_000)]) {
    for (const [type, data] of Object.entries({ RecordWaits: { waits }, RecordProgress: { value } })) {
      const decided = decide({ type, data, at }, state) as readonly FlowEvent[];
      expect(jsonBytes(decided)).toBeLessThan(512_000);
      state = decided.reduce(evolve, state);
    }
  }
  expect(jsonBytes(state)).toBeGreaterThan(500_000);
  expect(jsonBytes(state)).toBeLessThan(MAX_STATE_BYTES);
});

test('an event that a flow does not know changes nothing', () => {
  const state = evolved(notStartedFlow, started);
  expect(evolved(state, { type: 'FlowSang', data: { at } })).toEqual(state);
});

test('no message has the name of a command that every flow has', () => {
  const messages = { Cancel: { schema: z.strictObject({}), summary: 'Cancel', allow } };
  const parts = { name: 'errand', path: 'flows/errand', summary: 'An errand', access };
  const make = () =>
    flowContract({ ...parts, input: z.strictObject({}), result: z.strictObject({}), messages });
  expect(make).toThrow(TypeError);
});

describe('any sequence of commands', () => {
  const commands = [start, startChild('household-default.h-1'), ...allButStart];
  const step = fc.record({
    // Most commands come from the execution that began the flow, so that it gets somewhere.
    host: fc.oneof({ weight: 9, arbitrary: fc.constant('run-1') }, fc.constantFrom('run-2', 'run-3')),
    command: fc.constantFrom(...commands, hurry, hurry, childEnds, recordWaits, progress, restart),
    endsBatch: fc.boolean(),
  });

  it('keeps the count of messages, and an ended flow as it is', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const seen: FlowEvent[] = [];
        let hasEnded = false;
        const flow = new LivingEntity(errandDecider, (state, event: FlowEvent) => {
          expect(hasEnded).toBe(false);
          hasEnded = state.endedAt !== undefined;
          seen.push(event);
          expectSound(state, seen);
        });
        await flow.live(
          steps.map(({ command, host, endsBatch }): LifeStep => {
            return { command: { ...command, ...hostedBy(host) }, endsBatch, ringsAlarm: false };
          }),
        );
        expect(flow.fold).toEqual(await flow.refold());
        expect(flow.outcomes).toHaveLength(steps.length);
        const codes = Object.keys(errandContract.rejections);
        const given = flow.outcomes.flatMap((outcome) => ('code' in outcome ? outcome.code : []));
        expect(codes).toEqual(expect.arrayContaining(given));
      }),
      { numRuns: depthOf('PROPERTY_RUNS') },
    ));
});

/** A state, and the events that led to it. */
function expectSound(state: FlowState, events: readonly FlowEvent[]): void {
  const inbox = events.flatMap((event) => {
    const { type } = event;
    return type === 'MessageReceived' || type === 'ChildEnded' || type === 'CallbackEnded' ? [event] : [];
  });
  expect(inbox.map(({ data }) => data.n)).toEqual(inbox.map((_, index) => index + 1));
  expect(state.received).toBe(inbox.length);
  expect(state.receivedBytes).toBe(inbox.reduce((sum, event) => sum + inboxBytes(event), 0));
  expect(state.endedAt === undefined).toBe(isOpenFlow(state) || state.status === 'lost');
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  const view = presentFlow(state);
  expect(errandContract.view.parse(view)).toEqual(view);
}
