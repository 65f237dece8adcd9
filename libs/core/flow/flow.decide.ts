import { callerBehind } from '../acting.js';
import { canonicalJson } from '../canonical-json.js';
import { parseStreamName } from '../entity-id.js';
import type { JsonObject } from '../json.js';
import { type Rejection, reject } from '../rejection.js';
import { inboxBytes } from './flow.evolve.js';
import {
  type FlowAsker,
  type FlowCommand,
  type FlowEvent,
  type FlowHostFacts,
  type FlowParent,
  isOwnCommand,
  type MessageCommand,
  type OwnCommand,
} from './flow.messages.js';
import { tooLargeBlob } from './large-input.js';
import { decideMilestone } from './flow.milestones.js';
import { standingOf, tooLarge, unlessOpen } from './flow.standing.js';
import type { FlowState } from './flow.state.js';

/** What a flow may have unread. Ends of children and callbacks count, but are never refused. */
const MAX_UNREAD = 1_000;
const MAX_UNREAD_BYTES = 524_288;

/** The execution of a flow outside of any host, as in tests of its rules. */
const NO_HOST: FlowHostFacts = { execution: 'unknown', read: 0, readBytes: 0 };

type Decision = readonly FlowEvent[] | Rejection;
type CommandOf<Type extends OwnCommand['type']> = Extract<OwnCommand, { type: Type }>;

/** The rules of every flow. `messages` are the names of those that it accepts. */
export function decideFlow(messages: readonly string[], command: FlowCommand, state: FlowState): Decision {
  if (!isOwnCommand(command)) return receive(messages, command, state);
  switch (command.type) {
    case 'Start':
      return start(command, state, command.data);
    case 'StartChild':
      return startChild(command, state);
    case 'StartFor':
      return startFor(command, state);
    case 'ChildEnded':
      return hearOfChild(command, state);
    case 'EndCallback':
      return endCallback(command, state);
    case 'Cancel':
      return cancel(command, state);
    case 'Restart':
      return restart(command, state);
    default:
      return decideMilestone(command, state);
  }
}

/** Who hears of the end of a flow, apart from the caller. */
interface Listener {
  readonly parent?: FlowParent;
  readonly asker?: FlowAsker;
}

function start(command: FlowCommand, state: FlowState, input: JsonObject, listener: Listener = {}): Decision {
  const { at, host = NO_HOST } = command;
  const { execution } = host;
  switch (standingOf(state, host)) {
    case 'not started': {
      const startedBy = callerBehind(command);
      const begun = { input, execution, ...listener, ...(startedBy !== undefined && { startedBy }), at };
      return tooLarge('the input', input) ?? tooLargeBlob(input) ?? [{ type: 'FlowStarted', data: begun }];
    }
    case 'lost':
      return canonicalJson(input) === canonicalJson(state.input ?? {})
        ? restarted(state, host, at)
        : reject('FLOW.LOST', 'the execution of the flow was lost, and it was started with another input');
    case 'open':
      return reject('FLOW.ALREADY_STARTED', 'the flow was started before');
    case 'ended':
      return reject('FLOW.ENDED', `the flow is ${state.status}`);
  }
}

function startChild(command: CommandOf<'StartChild'>, state: FlowState): Decision {
  const { input, parent } = command.data;
  const { category, id } = parseStreamName(command.sender ?? '') ?? {};
  if (category !== parent.category || id !== parent.id) {
    return reject('FLOW.NOT_PARENT', 'only the parent of a child starts it');
  }
  return start(command, state, input, { parent });
}

/** Only an entity is answered: a caller could otherwise have commands sent that it may not send. */
function startFor(command: CommandOf<'StartFor'>, state: FlowState): Decision {
  const { sender: stream, id, data } = command;
  if (stream === undefined || id === undefined) {
    return reject('FLOW.NOBODY_TO_ANSWER', 'no entity has sent the command');
  }
  return start(command, state, data.input, { asker: { stream, command: id, answers: data.answers } });
}

/** The events with which the function begins again. */
function restarted(state: FlowState, { execution }: FlowHostFacts, at: string): readonly FlowEvent[] {
  const lost = { type: 'FlowLost' as const, data: { at } };
  return [...(state.status === 'lost' ? [] : [lost]), { type: 'FlowRestarted', data: { execution, at } }];
}

function restart({ at, host = NO_HOST }: CommandOf<'Restart'>, state: FlowState): Decision {
  const standing = standingOf(state, host);
  if (standing === 'lost') return restarted(state, host, at);
  return unlessOpen(standing, state) ?? reject('FLOW.NOT_LOST', `the flow is ${state.status}`);
}

function cancel({ data, at, host }: CommandOf<'Cancel'>, state: FlowState): Decision {
  const { reason } = data;
  const standing = standingOf(state, host);
  if (standing === 'lost') return [{ type: 'FlowCancelled', data: { reason, unread: [], at } }];
  if (state.status === 'cancelling') {
    return reject('FLOW.ALREADY_CANCELLED', 'the flow was asked to stop before');
  }
  return unlessOpen(standing, state) ?? [{ type: 'FlowCancelRequested', data: { reason, at } }];
}

function receive(
  messages: readonly string[],
  { type: name, data, at, host = NO_HOST }: MessageCommand,
  state: FlowState,
): Decision {
  if (!messages.includes(name)) return reject('FLOW.UNKNOWN_MESSAGE', `the flow has no message ${name}`);
  const refusal = unlessOpen(standingOf(state, host), state) ?? tooLarge(`the message ${name}`, data);
  if (refusal) return refusal;
  const received: FlowEvent = { type: 'MessageReceived', data: { n: state.received + 1, name, data, at } };
  const unread = state.received - host.read;
  const unreadBytes = state.receivedBytes - host.readBytes + inboxBytes(received);
  if (unread >= MAX_UNREAD || unreadBytes > MAX_UNREAD_BYTES) {
    return reject('FLOW.INBOX_FULL', `the flow has not read ${unread} messages yet`);
  }
  return [received];
}

/**
 * Takes the outcome of a child. A lost flow takes it too: nobody would tell it again when it is
 * restarted.
 */
function hearOfChild({ data, at, host }: CommandOf<'ChildEnded'>, state: FlowState): Decision {
  const standing = standingOf(state, host);
  const refusal = standing === 'lost' ? undefined : unlessOpen(standing, state);
  return refusal ?? [{ type: 'ChildEnded', data: { n: state.received + 1, ...data, at } }];
}

/**
 * Takes the end that was reported to a callback address. A lost flow takes it too, as it does that
 * of a child. Where the function is not at the callback yet, as after a restart, it is kept.
 */
function endCallback({ data, at, host }: CommandOf<'EndCallback'>, state: FlowState): Decision {
  const standing = standingOf(state, host);
  const isClosed = standing === 'lost' ? undefined : unlessOpen(standing, state);
  if (isClosed) return isClosed;
  if (host?.callback === 'over') {
    return reject('FLOW.CALLBACK_OVER', 'the flow no longer waits for this callback');
  }
  const { place, outcome } = data;
  const isTooLarge = tooLarge('the outcome', outcome);
  return isTooLarge ?? [{ type: 'CallbackEnded', data: { n: state.received + 1, place, outcome, at } }];
}
