import type { Decider, Folding } from '../decider.js';
import { type Effect, sendTo } from '../effect.js';
import { decideFlow } from './flow.decide.js';
import { evolveFlow } from './flow.evolve.js';
import type { ChildOutcome, FlowAsker, FlowCommand, FlowEvent } from './flow.messages.js';
import { firstWaitOf, type FlowState, isOpenFlow, notStartedFlow } from './flow.state.js';

/** Raise it when the meaning of stored events changes: flows then refold their streams. */
const STATE_VERSION = 2;

/** The parts in which the rules of flows differ. */
export interface FlowRules {
  readonly name: string;
  /** The names of the messages that it accepts. */
  readonly messages: readonly string[];
}

/** How the events of a flow are folded: the same for every flow, whatever its function does. */
export function flowFolding({ category }: { readonly category: string }): Folding<FlowState, FlowEvent> {
  return { name: category, stateVersion: STATE_VERSION, initialState: notStartedFlow, evolve: evolveFlow };
}

/** The decider of the entity that a flow is. */
export function flowDecider({ name, messages }: FlowRules): Decider<FlowState, FlowCommand, FlowEvent> {
  return {
    ...flowFolding({ category: name }),
    growing: ['Start', 'StartChild', 'StartFor', 'RecordProgress', ...messages],
    decide: (command, state) => decideFlow(messages, command, state),
    owner: ({ startedBy }) => startedBy,
    react: answerOf,
    awaits: (state) => (isOpenFlow(state) ? firstWaitOf(state)?.until : undefined),
    mustRun: isOpenFlow,
  };
}

/** The outcome for the parent or the entity that has started the flow, once it has ended. */
function answerOf(event: FlowEvent, { parent, asker }: FlowState, flowId: string): readonly Effect[] {
  const outcome = outcomeOf(event);
  if (!outcome) return [];
  if (asker) return answerTo(asker, outcome, flowId);
  if (!parent) return [];
  const { category, id, place } = parent;
  const command = { type: 'ChildEnded', data: { place, outcome } };
  return [{ key: 'answer', action: { kind: 'send', to: { category, id }, command } }];
}

function answerTo(
  { stream, command: answeredId, answers }: FlowAsker,
  { status, ...outcome }: ChildOutcome,
  id: string,
): readonly Effect[] {
  const { type, data } = answers[status];
  const action = sendTo(stream, { type, data: { ...data, flow: { id, ...outcome } } }, answeredId);
  return action ? [{ key: 'answer', action }] : [];
}

function outcomeOf({ type, data }: FlowEvent): ChildOutcome | undefined {
  switch (type) {
    case 'FlowCompleted':
      return { status: 'completed', result: data.result };
    case 'FlowFailed':
      return { status: 'failed', code: data.code, detail: data.detail };
    case 'FlowCancelled':
      return { status: 'cancelled', code: 'FLOW.CANCELLED', detail: data.reason };
    default:
      return undefined;
  }
}
