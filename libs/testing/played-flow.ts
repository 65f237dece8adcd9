import { setImmediate } from 'node:timers/promises';
import { type Duration, millisecondsIn } from '#libs/core/flow/duration.js';
import type { CallPolicies, FlowFunction, FlowTypes } from '#libs/core/flow/flow.js';
import type { ActionOutcome, ActionRequest, FlowHost, Work } from '#libs/core/flow/flow-host.js';
import { type RoundEnd, runRound } from '#libs/core/flow/flow-main.js';
import { FlowRound } from '#libs/core/flow/flow-round.js';
import { Inbox } from '#libs/core/flow/inbox.js';
import { Scope } from '#libs/core/flow/scope.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';

const START = Date.UTC(2100, 0, 1);
/** A function that has taken more steps of time than these does not end. */
const MOST_STEPS = 10_000;

/** What happens around a flow while it is played. Times count from its start. */
interface World {
  /** What calls return, by name. */
  readonly calls?: Readonly<Record<string, (data: JsonObject) => JsonObject | ActionOutcome>>;
  /** The states of entities, by stream. */
  readonly states?: Readonly<Record<string, JsonObject>>;
  readonly messages?: readonly { readonly at: Duration; readonly name: string; readonly data?: JsonObject }[];
  readonly cancelAt?: Duration;
}

/** How a flow went. */
export interface PlayedFlow {
  readonly end: RoundEnd;
  /** The calls in their order, and when they were made: `charge-card at 0 h`. */
  readonly calls: readonly string[];
}

/**
 * Runs the function of a flow for one round in memory, in virtual time: whenever it only waits, the
 * clock moves to what comes next. A compensation that is refused counts as resolved by a person.
 */
export async function playFlow<T extends FlowTypes, C extends CallPolicies>(
  { main, policies, input }: { main: FlowFunction<T, C>; policies: C; input: T['input'] },
  world: World,
): Promise<PlayedFlow> {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const inbox = new Inbox();
  const scope = new Scope();
  const startedAt = toTimestamp(START);
  const start = { stream: 'flow-default.played', id: 'played', seed: 'seed', startedAt, epoch: 0 };
  const round = new FlowRound(
    hostOf(world, clock, calls),
    inbox,
    { ...start, state: undefined, timers: {} },
    policies,
  );
  for (const [index, { at, name, data = {} }] of (world.messages ?? []).entries()) {
    const arrive = (): void => inbox.add({ n: index + 1, name, data, at: toTimestamp(clock.now) });
    clock.schedule(millisecondsIn(at), arrive);
  }
  if (world.cancelAt !== undefined) {
    clock.schedule(millisecondsIn(world.cancelAt), () => scope.cancel('as planned'));
  }
  const running = runRound(round, scope, main, input as JsonObject, () => Promise.resolve('resolved'));
  const end = await clock.advanceUntil(running);
  return { end, calls };
}

function hostOf(world: World, clock: VirtualClock, calls: string[]): FlowHost {
  return {
    now: () => clock.now,
    timer: (milliseconds) => clock.timer(milliseconds),
    perform: (request) => workOf(perform(world, clock, calls, request)),
    ask: (stream) => workOf(Promise.resolve(world.states?.[stream])),
    settled: () => Promise.resolve(),
    hasVersion: () => true,
  };
}

async function perform(
  { calls = {} }: World,
  clock: VirtualClock,
  made: string[],
  { action }: ActionRequest,
) {
  if (action.kind !== 'call') throw new TypeError('a played flow only makes calls');
  const hours = (clock.now - START) / 3_600_000;
  made.push(`${action.call} at ${hours} h`);
  const answer = calls[action.call]?.(action.data);
  if (answer === undefined) throw new TypeError(`no answer is given for ${action.call}`);
  return isOutcome(answer) ? answer : { status: 'done' as const, result: answer };
}

function isOutcome(answer: JsonObject | ActionOutcome): answer is ActionOutcome {
  return ['done', 'refused', 'unresolved'].includes(String(answer['status' as never]));
}

function workOf<Value>(result: Promise<Value>): Work<Value> {
  return { result, cancel: () => undefined };
}

/** Time that passes only while nothing else happens. */
class VirtualClock {
  now = START;
  private due: { readonly at: number; readonly ring: () => void }[] = [];

  schedule(after: number, ring: () => void): { readonly at: number; readonly ring: () => void } {
    const entry = { at: this.now + after, ring };
    this.due.push(entry);
    return entry;
  }

  timer(after: number): Work<void> {
    const { promise, resolve } = withResolvers();
    const entry = this.schedule(after, resolve);
    return { result: promise, cancel: () => (this.due = this.due.filter((other) => other !== entry)) };
  }

  async advanceUntil<Value>(running: Promise<Value>): Promise<Value> {
    let isOver = false;
    const over = running.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      await setImmediate();
      if (isOver) return over;
      this.ringNext();
    }
    throw new Error(`the flow has not ended after ${MOST_STEPS} steps of time`);
  }

  private ringNext(): void {
    const next = this.due.toSorted((a, b) => a.at - b.at)[0];
    if (!next) return;
    this.due = this.due.filter((other) => other !== next);
    this.now = next.at;
    next.ring();
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
