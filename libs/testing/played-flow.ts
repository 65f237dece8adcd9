import { jest } from '@jest/globals';
import { type Duration, millisecondsIn } from '#libs/core/flow/duration.js';
import type { CallPolicies, FlowFunction, FlowTypes } from '#libs/core/flow/flow.js';
import { type RoundEnd, runRound } from '#libs/core/flow/flow-main.js';
import type { FlowHost } from '#libs/core/flow/flow-host.js';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import { FlowRound } from '#libs/core/flow/flow-round.js';
import { endOfCallback, Inbox } from '#libs/core/flow/inbox.js';
import { Scope } from '#libs/core/flow/scope.js';
import type { JsonObject } from '#libs/core/json.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { memoryHost, type MemorySteps } from '#libs/flow/memory/memory-host.js';

const START = Date.UTC(2100, 0, 1);
const STREAM = 'flow-default.played';
/** A function that has taken more steps of time than these does not end. */
const MOST_STEPS = 10_000;

interface Refused {
  readonly status: 'refused';
  readonly code: string;
  readonly detail: string;
}

type Fake = (data: JsonObject) => JsonObject | Refused;

/** What happens around a flow while it is played. Times count from its start. */
interface World {
  /** What calls return, by name. */
  readonly calls?: Readonly<Record<string, Fake>>;
  /** The states of entities, by stream. */
  readonly states?: Readonly<Record<string, JsonObject>>;
  /** What entities do with commands. Without this, a flow may send none. */
  readonly entities?: 'accept' | 'are away';
  readonly messages?: readonly { readonly at: Duration; readonly name: string; readonly data?: JsonObject }[];
  /** What is reported to callback addresses in the end, by their places in the flow. */
  readonly reports?: readonly {
    readonly at: Duration;
    readonly place: string;
    readonly outcome: CallbackOutcome;
  }[];
  readonly cancelAt?: Duration;
}

/** How a flow went. */
export interface PlayedFlow {
  readonly end: RoundEnd;
  /** The calls and commands in their order, and when they were made: `charge-card at 0 h`. */
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
  jest.useFakeTimers({ now: START });
  try {
    const calls: string[] = [];
    const inbox = new Inbox();
    const scope = new Scope();
    const startedAt = toTimestamp(START);
    const start = { stream: STREAM, id: 'played', seed: 'seed', startedAt, epoch: 0, state: undefined };
    const memory = memoryHost(STREAM, 'played', stepsOf(world, calls));
    const host = { ...memory, watchCallback: watchedBy(memory) };
    const round = new FlowRound(host, inbox, { ...start, timers: {} }, policies);
    for (const [index, { at, name, data = {} }] of (world.messages ?? []).entries()) {
      const arrive = (): void => inbox.add({ n: index + 1, name, data, at: toTimestamp(Date.now()) });
      setTimeout(arrive, millisecondsIn(at));
    }
    for (const { at, place, outcome } of world.reports ?? []) {
      const name = endOfCallback(`${STREAM}/${place}`);
      const arrive = (): void => inbox.add({ n: 0, name, data: outcome, at: toTimestamp(Date.now()) });
      setTimeout(arrive, millisecondsIn(at));
    }
    if (world.cancelAt !== undefined)
      setTimeout(() => scope.cancel('as planned'), millisecondsIn(world.cancelAt));
    const running = runRound(round, scope, main, input as JsonObject, () => Promise.resolve('resolved'));
    return { end: await passingTimeUntil(running), calls };
  } finally {
    jest.useRealTimers();
  }
}

/** Nobody reports progress in a played flow. */
function watchedBy({ timer }: FlowHost): FlowHost['watchCallback'] {
  return ({ until, heartbeat = Infinity }) => {
    const left = toMilliseconds(until) - Date.now();
    const { result, cancel } = timer(Math.min(left, heartbeat));
    const watched = result.then(() => (heartbeat < left ? ('silent' as const) : ('late' as const)));
    watched.catch(() => undefined);
    return { result: watched, cancel };
  };
}

function stepsOf({ calls = {}, states = {}, entities }: World, made: string[]): MemorySteps {
  const note = (name: string) => made.push(`${name} at ${(Date.now() - START) / 3_600_000} h`);
  const recorded = ([name, fake]: [string, Fake]): [string, Call] => [
    name,
    async (data) => {
      note(name);
      const result = fake(data);
      if (isRefused(result)) throw new EffectRefusedError(result.code, result.detail);
      return result;
    },
  ];
  return {
    calls: Object.fromEntries(Object.entries(calls).map(recorded)),
    sender: {
      execute: async (_, [command]) => {
        if (entities === 'are away') return [{ status: 'pending' }];
        note(command?.type ?? '');
        return [{ status: 'accepted', revision: 0 }];
      },
    },
    check: ({ action }) => {
      if (action.kind !== 'call') {
        if (entities) return;
        throw new TypeError('it is not said what entities do with commands');
      }
      if (!calls[action.call]) throw new TypeError(`no answer is given for ${action.call}`);
    },
    ask: (stream) => Promise.resolve(states[stream]),
  };
}

function isRefused(result: JsonObject | Refused): result is Refused {
  return result['status' as never] === 'refused';
}

/** Lets time pass only while nothing else happens. */
async function passingTimeUntil<Value>(running: Promise<Value>): Promise<Value> {
  let isOver = false;
  const over = running.finally(() => (isOver = true));
  over.catch(() => undefined);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    await jest.advanceTimersByTimeAsync(0);
    if (isOver) return over;
    await jest.advanceTimersToNextTimerAsync();
  }
  throw new Error(`the flow has not ended after ${MOST_STEPS} steps of time`);
}
