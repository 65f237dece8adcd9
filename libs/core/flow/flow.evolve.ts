import { jsonBytes } from '../json-bytes.js';
import type { Timestamp } from '../timestamp.js';
import type { FlowEvent, Wait } from './flow.messages.js';
import { type FlowState, notStartedFlow } from './flow.state.js';

/** What a flow remembers of its timers: their number, and the length of their places together. */
const MAX_TIMERS = 1_000;
const MAX_TIMER_LENGTH = 200_000;

/** Waits that last as long as their authors say, also after a restart. */
const TIMED: readonly Wait['kind'][] = ['sleep', 'message', 'callback'];

type Received = Extract<FlowEvent, { type: 'MessageReceived' | 'ChildEnded' | 'CallbackEnded' }>;
type Ended = Extract<FlowEvent, { type: 'FlowCompleted' | 'FlowFailed' | 'FlowCancelled' }>;

/** The size by which a message, or the end of a child or a callback, counts as unread. */
export function inboxBytes(event: Received): number {
  return jsonBytes(event.type === 'MessageReceived' ? event.data.data : event.data.outcome);
}

/** The flow after an event. */
export function evolveFlow(state: FlowState, event: FlowEvent): FlowState {
  switch (event.type) {
    case 'FlowStarted': {
      const { input, execution, parent, asker, startedBy, at } = event.data;
      const began = { status: 'running' as const, input, execution, seed: execution, startedAt: at };
      const by = { ...(parent && { parent }), ...(asker && { asker }) };
      return { ...notStartedFlow, ...began, ...by, ...(startedBy !== undefined && { startedBy }) };
    }
    case 'FlowRestarted':
      return restarted(state, event.data.execution);
    case 'FlowLost':
      return { ...state, status: 'lost' };
    case 'MessageReceived':
    case 'ChildEnded':
    case 'CallbackEnded':
      return {
        ...state,
        received: event.data.n,
        receivedBytes: state.receivedBytes + inboxBytes(event),
      };
    case 'FlowWaiting': {
      const { waits } = event.data;
      return { ...state, waits, timers: withTimersOf(waits, state.timers) };
    }
    case 'FlowProgressed':
      return { ...state, progress: event.data.value };
    case 'FlowCancelRequested':
      return { ...state, status: 'cancelling', cancelReason: event.data.reason };
    case 'FlowCompleted':
    case 'FlowFailed':
    case 'FlowCancelled':
      return ended(state, event);
    default:
      return withStuck(state, event);
  }
}

/** The function begins again, with its input, its messages and the times at which it wakes up. */
function restarted(state: FlowState, execution: string): FlowState {
  const { cancelReason: _, ...kept } = state;
  return { ...kept, status: 'running', execution, waits: [], stuck: [] };
}

function ended(state: FlowState, event: Ended): FlowState {
  const after = { ...state, endedAt: event.data.at, waits: [], timers: {}, stuck: [] };
  switch (event.type) {
    case 'FlowCompleted':
      return { ...after, status: 'completed', result: event.data.result };
    case 'FlowFailed': {
      const { code, detail } = event.data;
      return { ...after, status: 'failed', failure: { code, detail } };
    }
    case 'FlowCancelled':
      return { ...after, status: 'cancelled', cancelReason: event.data.reason };
  }
}

type CompensationEvent = Extract<
  FlowEvent,
  { type: 'CompensationStuck' | 'CompensationRetried' | 'CompensationResolved' }
>;

function withStuck(state: FlowState, event: CompensationEvent): FlowState {
  const others = () => state.stuck.filter(({ name }) => name !== event.data.name);
  switch (event.type) {
    case 'CompensationStuck': {
      const { name, code, detail, at } = event.data;
      return { ...state, stuck: [...others(), { name, code, detail, since: at }] };
    }
    case 'CompensationRetried':
    case 'CompensationResolved':
      return { ...state, stuck: others() };
    default:
      return state; // an event of a later version
  }
}

/** The timers with those that a list of waits adds. The ones that end first are forgotten first. */
function withTimersOf(waits: readonly Wait[], known: FlowState['timers']): FlowState['timers'] {
  const added = waits.flatMap(({ kind, place, until }): [string, Timestamp][] =>
    until !== undefined && TIMED.includes(kind) ? [[place, until]] : [],
  );
  if (added.length === 0) return known;
  const all = Object.entries({ ...known, ...Object.fromEntries(added) });
  const length = all.reduce((sum, [place]) => sum + place.length, 0);
  if (all.length <= MAX_TIMERS && length <= MAX_TIMER_LENGTH) return Object.fromEntries(all);
  return Object.fromEntries(latestThatFit(all));
}

function latestThatFit(timers: readonly [string, Timestamp][]): readonly [string, Timestamp][] {
  const latestFirst = timers.toSorted(([a, untilA], [b, untilB]) =>
    untilA === untilB ? (a < b ? -1 : 1) : untilA > untilB ? -1 : 1,
  );
  let length = 0;
  return latestFirst.slice(0, MAX_TIMERS).filter(([place]) => {
    length += place.length;
    return length <= MAX_TIMER_LENGTH;
  });
}
