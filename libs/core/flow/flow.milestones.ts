import { oneLine } from '../one-line.js';
import { type Rejection, reject } from '../rejection.js';
import type { FlowEvent, FlowFailure, OwnCommand, Wait } from './flow.messages.js';
import { standingOf, tooLarge, unlessOpen } from './flow.standing.js';
import type { FlowState } from './flow.state.js';

/** The waits that a flow shows: their number, and the length of their places together. */
const MAX_WAITS = 1_000;
const MAX_WAITS_LENGTH = 200_000;

/** The longest code and detail of a failure. */
const MAX_CODE = 100;
const MAX_DETAIL = 500;

type Decision = readonly FlowEvent[] | Rejection;
type PublicCommand =
  'Start' | 'StartChild' | 'StartFor' | 'ChildEnded' | 'EndCallback' | 'Cancel' | 'Restart';

/** A command about what the function does: from its runtime, or from a person. */
export type Milestone = Exclude<OwnCommand, { type: PublicCommand }>;

/** The rules for what happens while the function is executed. */
export function decideMilestone(command: Milestone, state: FlowState): Decision {
  const standing = standingOf(state, command.host);
  const { at } = command;
  if (command.type === 'MarkLost' && standing === 'lost' && state.status !== 'lost') {
    return [{ type: 'FlowLost', data: { at } }];
  }
  return unlessOpen(standing, state) ?? decideOpen(command, state);
}

function decideOpen(command: Milestone, state: FlowState): Decision {
  const { at } = command;
  switch (command.type) {
    case 'MarkLost':
      return reject('FLOW.NOT_LOST', `the flow is ${state.status}`);
    case 'RecordWaits':
      return [{ type: 'FlowWaiting', data: { waits: shown(command.data.waits), at } }];
    case 'RecordProgress': {
      const { value } = command.data;
      return tooLarge('the progress', value) ?? [{ type: 'FlowProgressed', data: { value, at } }];
    }
    case 'RecordStuckCompensation':
      return [
        {
          type: 'CompensationStuck',
          data: { name: command.data.name, ...failureOf(command.data), at },
        },
      ];
    case 'RetryCompensation':
    case 'ResolveCompensation':
      return dealWithStuck(command, state);
    default:
      return end(command, state);
  }
}

function dealWithStuck(
  command: Extract<Milestone, { type: 'RetryCompensation' | 'ResolveCompensation' }>,
  { stuck }: FlowState,
): Decision {
  const { name } = command.data;
  if (!stuck.some((one) => one.name === name)) {
    return reject('FLOW.NOT_STUCK', `no compensation ${name} is stuck`);
  }
  const { at } = command;
  return command.type === 'RetryCompensation'
    ? [{ type: 'CompensationRetried', data: { name, at } }]
    : [{ type: 'CompensationResolved', data: { name, note: command.data.note, at } }];
}

function end(
  command: Extract<Milestone, { type: 'Complete' | 'Fail' | 'ConfirmCancelled' }>,
  { status, cancelReason: reason = '', received }: FlowState,
): Decision {
  const { at } = command;
  const { seen } = command.data;
  const late = Array.from({ length: Math.max(0, received - seen) }, (_, index) => seen + 1 + index);
  const unread = [...command.data.unread, ...late];
  switch (command.type) {
    case 'Complete': {
      const { result } = command.data;
      return tooLarge('the result', result) ?? [{ type: 'FlowCompleted', data: { result, unread, at } }];
    }
    case 'Fail':
      return [{ type: 'FlowFailed', data: { ...failureOf(command.data), unread, at } }];
    case 'ConfirmCancelled':
      return status === 'cancelling'
        ? [{ type: 'FlowCancelled', data: { reason, unread, at } }]
        : reject('FLOW.NOT_CANCELLING', 'nobody asked the flow to stop');
  }
}

function failureOf({ code, detail }: FlowFailure): FlowFailure {
  return { code: oneLine(code, MAX_CODE), detail: oneLine(detail, MAX_DETAIL) };
}

/** As many of the waits as the event may hold. */
function shown(waits: readonly Wait[]): readonly Wait[] {
  let length = 0;
  return waits.slice(0, MAX_WAITS).filter(({ place, name }) => {
    length += place.length + name.length;
    return length <= MAX_WAITS_LENGTH;
  });
}
