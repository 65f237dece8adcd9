import type { Json } from '../json.js';
import { jsonBytes } from '../json-bytes.js';
import { type Rejection, reject } from '../rejection.js';
import type { FlowHostFacts } from './flow.messages.js';
import { type FlowState, isOpenFlow } from './flow.state.js';

/** The largest input, message, progress or result, in bytes of JSON. */
const MAX_VALUE_BYTES = 65_536;

/** The rejection of a value that is too large; undefined if it is not. */
export function tooLarge(name: string, value: Json): Rejection | undefined {
  const bytes = jsonBytes(value);
  if (bytes <= MAX_VALUE_BYTES) return undefined;
  return reject('FLOW.TOO_LARGE', `${name} has ${bytes} bytes of JSON; ${MAX_VALUE_BYTES} are allowed`);
}

/** Where a flow stands for the execution that decides a command. */
export type Standing = 'not started' | 'open' | 'lost' | 'ended';

/** An open flow of another execution is lost, even if no event says so yet. */
export function standingOf(state: FlowState, host: FlowHostFacts | undefined): Standing {
  if (state.status === undefined) return 'not started';
  if (isOpenFlow(state)) return host && host.execution !== state.execution ? 'lost' : 'open';
  return state.status === 'lost' ? 'lost' : 'ended';
}

/** Why a command for an open flow is rejected in this standing; undefined if the flow is open. */
export function unlessOpen(standing: Standing, { status }: FlowState): Rejection | undefined {
  switch (standing) {
    case 'not started':
      return reject('FLOW.NOT_STARTED', 'there is no such flow');
    case 'lost':
      return reject('FLOW.LOST', 'the execution of the flow was lost: restart or cancel it');
    case 'ended':
      return reject('FLOW.ENDED', `the flow is ${status}`);
    case 'open':
      return undefined;
  }
}
