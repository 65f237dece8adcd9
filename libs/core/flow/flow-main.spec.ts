import { describe, expect, it } from '@jest/globals';
import { moment } from '#libs/testing/moments.js';
import type { JsonObject } from '../json.js';
import { toMilliseconds } from '../timestamp.js';
import { CallbackFailed, CallRefused, type FlowError, FlowFailure } from './flow.errors.js';
import { type Flow, flowKind, type FlowTypes } from './flow.js';
import type { ActionOutcome, ActionRequest, CallbackWatch, FlowHost, SpreadWork, Work } from './flow-host.js';
import { runRound } from './flow-main.js';
import { FlowRound } from './flow-round.js';
import { endOfCallback, endOfChild, Inbox } from './inbox.js';
import { Scope } from './scope.js';

interface Types extends FlowTypes {
  readonly messages: { readonly Note: JsonObject };
  readonly result: object;
}

type F = Flow<Types>;

const STREAM = 'errand-default.e-1';
const Child = flowKind<Types>('child');

/** A host whose timers ring, and whose actions are answered, when the test says so. */
class TestHost implements FlowHost {
  readonly places: string[] = [];
  /** The timers that run, by their length. */
  readonly timers = new Map<number, () => void>();
  answer: (request: ActionRequest) => ActionOutcome | undefined = () => ({ status: 'done', result: {} });
  /** What ends the watches of callbacks that are open. */
  readonly watches = new Map<string, (why: 'silent' | 'late') => void>();
  arriving: readonly string[] = [];
  isSettled: Promise<void> = Promise.resolve();
  /** Whether the code of the past is being repeated. */
  isReplay = false;

  now(): number {
    return toMilliseconds(moment());
  }

  timer(milliseconds: number): Work<void> {
    const result = new Promise<void>((resolve) => this.timers.set(milliseconds, resolve));
    return { result, cancel: () => this.timers.delete(milliseconds) };
  }

  perform(request: ActionRequest): Work<ActionOutcome> {
    this.places.push(request.place.replace(STREAM, ''));
    const outcome = this.answer(request);
    const result = outcome ? Promise.resolve(outcome) : new Promise<ActionOutcome>(() => undefined);
    return { result, cancel: () => undefined };
  }

  watchCallback({ place }: CallbackWatch): Work<'silent' | 'late'> {
    const result = new Promise<'silent' | 'late'>((resolve) => this.watches.set(place, resolve));
    return { result, cancel: () => this.watches.delete(place) };
  }

  arrived(): readonly string[] {
    return this.arriving;
  }

  ask(): Work<JsonObject | undefined> {
    return { result: Promise.resolve(undefined), cancel: () => undefined };
  }

  spread(): SpreadWork {
    throw new Error('the test has no leaves');
  }

  settled(): Promise<void> {
    return this.isSettled;
  }

  hasVersion(): boolean {
    return !this.isReplay;
  }
}

/** Runs a function for one round. */
function run(main: (f: F) => Promise<object>, timers: Readonly<Record<string, string>> = {}) {
  const host = new TestHost();
  const inbox = new Inbox();
  const scope = new Scope();
  const start = { stream: STREAM, id: 'e-1', seed: 's', startedAt: moment(), epoch: 0, state: undefined };
  const round = new FlowRound(host, inbox, { ...start, timers }, {});
  const stuck: string[] = [];
  const awaitStuck = async (name: string) => {
    stuck.push(name);
    return 'resolved' as const;
  };
  const begin = () => runRound(round, scope, (_, f) => main(f), {}, awaitStuck);
  return { host, inbox, scope, round, stuck, begin };
}

/** Lets everything happen that needs no timer. */
const pass = () => new Promise((resolve) => setImmediate(resolve));
const note = (n: number) => ({ n, name: 'Note', data: { n }, at: moment(n) });

describe('branches of a flow', () => {
  it('are cancelled when one throws before it waits for anything', async () => {
    const { host, begin } = run(async (f) => {
      const throws = () => {
        throw new FlowFailure('BAD', 'at once');
      };
      return f.all({ long: (g) => g.sleep('30d'), bad: throws });
    });
    expect(await begin()).toMatchObject({ status: 'failed', code: 'BAD' });
    expect(host.timers.size).toBe(0);
  });

  it('race: one that waits for a child does not hold up the others, and the end is told later', async () => {
    let isOver = false;
    const { host, inbox, begin } = run(async (f) => {
      const child = await f.spawn(Child, 'c-1', {});
      const { winner } = await f.race({ child: (g) => child.result(g), time: (g) => g.sleep('1s') });
      isOver = true;
      return { winner, child: await child.result() };
    });
    const end = begin();
    await pass();
    host.timers.get(1_000)?.();
    await pass();
    expect(isOver).toBe(true);
    const outcome = { status: 'completed', result: { done: true } };
    inbox.add({ n: 1, name: endOfChild(`${STREAM}/child.c-1`), data: outcome, at: moment() });
    expect(await end).toMatchObject({ result: { winner: 'time', child: { done: true } } });
  });

  it('race: the loser puts back the message that came together with the winner', async () => {
    const { inbox, begin } = run(async (f) => {
      const { winner } = await f.race({ a: (g) => g.receive('Note'), b: (g) => g.receive('Note') });
      return { winner, next: (await f.receive('Note')).n };
    });
    const end = begin();
    await pass();
    inbox.add(note(1));
    inbox.add(note(2));
    expect(await end).toMatchObject({ result: { winner: 'a', next: 2 } });
  });

  it('have places of their own, whatever their names', async () => {
    const { host, begin } = run(async (f) => {
      const branches = {
        a: (g: F) => g.call('c', {}),
        'a/c': (g: F) => g.call('c', {}),
        'a%2Fc': (g: F) => g.call('c', {}),
      };
      await f.all(branches);
      return {};
    });
    await begin();
    expect(host.places).toEqual(['/all/a/c', '/all/a%2Fc/c', '/all/a%252Fc/c']);
  });

  it('leave nothing behind when a list is done', async () => {
    const { round, begin, scope } = run(async (f) => {
      await f.each([1, 2, 3], { key: (item) => `i${item}`, limit: 2 }, (item, g) => g.call('act', { item }));
      return {};
    });
    await begin();
    expect(round.openBranches).toBe(0);
    expect((scope as unknown as { parts: Set<unknown> }).parts.size).toBe(0);
  });
});

describe('a timeout of a message', () => {
  it('waits for messages that have arrived and are not in the inbox yet', async () => {
    const { host, inbox, begin } = run(async (f) => ({ n: (await f.receive('Note', { timeout: '1s' }))?.n }));
    let settle = (): void => undefined;
    host.isSettled = new Promise((resolve) => (settle = resolve));
    const end = begin();
    await pass();
    host.timers.get(1_000)?.();
    await pass();
    inbox.add(note(1));
    settle();
    expect(await end).toMatchObject({ result: { n: 1 } });
  });
});

describe('a flow that is restarted', () => {
  it('sleeps until the time that was recorded for the place', async () => {
    const { host, begin } = run((f) => f.sleep('1h').then(() => ({})), { [`${STREAM}/sleep`]: moment(60) });
    void begin();
    await pass();
    expect([...host.timers.keys()]).toEqual([60_000]);
  });
});

describe('a callback address', () => {
  const PLACE = `${STREAM}/delivered`;
  const ended = (outcome: JsonObject) => {
    return { n: 1, name: endOfCallback(PLACE), data: outcome, at: moment() };
  };
  const completed = ended({ status: 'completed', result: { signedBy: 'Ann' } });
  const codeOf = async (result: Promise<object>) => {
    try {
      return await result;
    } catch (error) {
      return { caught: (error as FlowError).code, isFailed: error instanceof CallbackFailed };
    }
  };
  const waiting = (main: (f: F) => Promise<object>, timers = {}) => {
    const { begin, ...rest } = run(main, timers);
    return { ...rest, end: begin() };
  };
  const delivered = (f: F) => f.callback('delivered', { timeout: '1h', heartbeat: '10s' });

  it('is completed with a result, and is over then', async () => {
    const { host, inbox, round, end } = waiting((f) => delivered(f).result());
    expect(round.waits).toEqual([
      { place: PLACE, kind: 'callback', name: 'delivered', until: moment(3_600) },
    ]);
    expect(round.callbacks.standingOf(PLACE, 'c-1')).toBe('open');
    inbox.add(completed);
    expect(await end).toMatchObject({ status: 'completed', result: { signedBy: 'Ann' } });
    expect(round.callbacks.standingOf(PLACE, 'c-1')).toBe('over');
    expect([host.watches.size, round.waits.length]).toEqual([0, 0]);
  });

  it('fails with the reason that was reported', async () => {
    const { inbox, end } = waiting((f) => codeOf(delivered(f).result()));
    inbox.add(ended({ status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' }));
    expect(await end).toMatchObject({ result: { caught: 'PARCEL.LOST', isFailed: true } });
  });

  it.each([
    ['silent', 'FLOW.CALLBACK_SILENT'],
    ['late', 'FLOW.CALLBACK_LATE'],
  ] as const)('that is %s throws an error that can be caught, and is over then', async (why, caught) => {
    const { host, round, end } = waiting((f) => codeOf(delivered(f).result()));
    host.watches.get(PLACE)?.(why);
    expect(await end).toMatchObject({ result: { caught, isFailed: false } });
    expect(round.callbacks.standingOf(PLACE, 'c-1')).toBe('over');
  });

  it('takes the end that has arrived before its silence is noticed, and no later one', async () => {
    const { host, inbox, round, end } = waiting((f) => codeOf(delivered(f).result()));
    let settle = (): void => undefined;
    host.isSettled = new Promise((resolve) => (settle = resolve));
    host.arriving = ['c-1'];
    host.watches.get(PLACE)?.('silent');
    await pass();
    expect(['c-1', 'c-2'].map((id) => round.callbacks.standingOf(PLACE, id))).toEqual(['open', 'over']);
    inbox.add(completed);
    settle();
    expect(await end).toMatchObject({ result: { signedBy: 'Ann' } });
  });

  it('takes its end when the flow does something else, and keeps it until it is asked for', async () => {
    const { host, inbox, end } = waiting(async (f) => {
      const address = delivered(f);
      await f.sleep('1s');
      return address.result();
    });
    inbox.add(completed);
    await pass();
    host.timers.get(1_000)?.();
    expect(await end).toMatchObject({ result: { signedBy: 'Ann' } });
  });

  it('is over once the flow is cancelled', async () => {
    const { host, scope, round, end } = waiting((f) => delivered(f).result());
    scope.cancel('the customer changed her mind');
    expect(await end).toMatchObject({ status: 'cancelled' });
    expect([round.callbacks.standingOf(PLACE, 'c-1'), host.watches.size]).toEqual(['over', 0]);
  });

  it('is over once its branch has ended, or the flow has', async () => {
    const { host, round, end } = waiting(async (f) => {
      await f.all({ a: async (g) => void g.callback('in-a-branch', { timeout: '1h' }) });
      const standing = round.callbacks.standingOf(`${STREAM}/all/a/in-a-branch`, 'c-1');
      delivered(f);
      return { standing };
    });
    expect(await end).toMatchObject({ result: { standing: 'over' } });
    await pass();
    expect([round.callbacks.standingOf(PLACE, 'c-1'), host.watches.size]).toEqual(['over', 0]);
  });

  it('of a branch that lost is over, and the flow continues', async () => {
    const { host, round, end } = waiting(async (f) => {
      const { winner } = await f.race({ a: (g) => delivered(g).result(), b: (g) => g.sleep('1s') });
      return { winner };
    });
    await pass();
    host.timers.get(1_000)?.();
    expect(await end).toMatchObject({ result: { winner: 'b' } });
    expect(round.callbacks.standingOf(`${STREAM}/race/a/delivered`, 'c-1')).toBe('over');
  });

  it('reaches a call as a text that stands for it, with its place and its time', async () => {
    const requests: ActionRequest[] = [];
    const { host, begin } = run(async (f) => {
      const { url } = delivered(f);
      await f.call('ship', { to: 'Ann', callback: { url } });
      await f.call('act', { url: 'callback-address:forged' });
      return { url };
    });
    host.answer = (request) => {
      requests.push(request);
      return { status: 'done', result: {} };
    };
    const { url } = ((await begin()) as unknown as { result: { url: string } }).result;
    expect(url).toMatch(/^callback-address:[0-9a-f-]{36}$/);
    expect(requests.map(({ addresses }) => addresses)).toEqual([
      { [url]: { place: PLACE, until: moment(3_600) } },
      undefined,
    ]);
  });

  it('has the same text, and ends at the same time, when the flow is restarted', async () => {
    const main = async (f: F) => ({ url: delivered(f).url, until: delivered(f).until });
    const { begin } = run(main);
    const first = (await begin()) as unknown as { result: { url: string } };
    const again = (await run(main, { [`${PLACE}#2`]: moment(60) }).begin()) as unknown as { result: object };
    expect(again.result).toEqual({ url: first.result.url, until: moment(60) });
  });

  it('has received its end already when the flow is restarted', async () => {
    const { host, inbox, begin } = run((f) => delivered(f).result());
    inbox.add(completed);
    expect(await begin()).toMatchObject({ result: { signedBy: 'Ann' } });
    expect(host.watches.size).toBe(0);
  });

  it('refuses a heartbeat that nobody could keep', async () => {
    const { begin } = run(async (f) => ({ url: f.callback('x', { timeout: '1h', heartbeat: '1s' }).url }));
    await expect(begin()).rejects.toThrow('at least 2000 ms');
  });
});

describe('f.version', () => {
  it('keeps its first answer in a round', async () => {
    const answers: boolean[] = [];
    const { host, begin } = run(async (f) => {
      answers.push(f.version('new'));
      await f.call('act', {});
      host.isReplay = false;
      answers.push(f.version('new'), f.version('newer'));
      return {};
    });
    host.isReplay = true;
    await begin();
    expect(answers).toEqual([false, false, true]);
  });
});

describe('a compensation', () => {
  it('runs although the flow is cancelled, the last one first', async () => {
    const { host, scope, begin } = run(async (f) => {
      f.compensate('first', (g) => g.call('undo', {}));
      f.compensate('second', (g) => g.call('undo', {}));
      await f.sleep('30d');
      return {};
    });
    const end = begin();
    await pass();
    scope.cancel('enough');
    expect(await end).toEqual({ status: 'cancelled' });
    expect(host.places).toEqual(['/undo/second/undo', '/undo/first/undo']);
  });

  it('must have a name that a step can have, and is a defect at once', async () => {
    const { begin } = run(async (f) => {
      f.compensate('pay back', (g) => g.call('undo', {}));
      return {};
    });
    await expect(begin()).rejects.toThrow(TypeError);
  });

  it('waits for a person after a refusal', async () => {
    const { host, stuck, begin } = run(async (f) => {
      f.compensate('pay-back', (g) => g.call('undo', {}));
      throw new CallRefused('CARD.DECLINED', 'no funds');
    });
    host.answer = () => ({ status: 'refused', code: 'REFUND.CLOSED', detail: 'not today' });
    expect(await begin()).toMatchObject({ status: 'failed', code: 'CARD.DECLINED' });
    expect(stuck).toEqual(['pay-back']);
  });
});

describe('continueWith', () => {
  it.each<[string, (f: F) => Promise<unknown>]>([
    ['a compensation', async (f) => f.compensate('undo', async () => undefined)],
    ['a child', (f) => f.spawn(Child, 'c-1', {})],
  ])('is a defect while there is %s', async (_, before) => {
    const { begin } = run(async (f) => {
      await before(f);
      return f.continueWith(1);
    });
    await expect(begin()).rejects.toThrow('continueWith cannot end this round');
  });

  it('ends the round with its state, whatever children were left', async () => {
    const { begin } = run(async (f) => {
      await f.spawn(Child, 'c-1', {}, { onEnd: 'leave' });
      return f.continueWith({ sum: 1 });
    });
    expect(await begin()).toEqual({ status: 'next', state: { sum: 1 } });
  });
});
