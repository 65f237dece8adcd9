import type { AnyDecider } from '#libs/core/decider.js';
import type { Effect, EffectOutcome } from '#libs/core/effect.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { FlowCommand, FlowEvent } from '#libs/core/flow/flow.messages.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import { reject } from '#libs/core/rejection.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { Call } from '#libs/entity/activities/call-outside.js';

const OPERATE = 'operate-card';
const rules = flowDecider({ name: 'cardOperation', messages: ['PaymentChanged'] });

/**
 * The flow of an operation with a card, whose function is one call to the provider: the rules of
 * flows are the real ones.
 */
export const cardOperationDecider: AnyDecider = {
  ...rules,
  decide: (command: FlowCommand, state: FlowState) => {
    if (command.type !== 'Ran') return rules.decide(command, state);
    const outcome = command.data as unknown as EffectOutcome;
    const isStopped = state.status === 'cancelling';
    if (isStopped !== (outcome.key === 'undo')) return reject('FLOW.ENDED', 'the function has moved on');
    return rules.decide({ ...command, ...endOf(outcome, state) }, state);
  },
  react: (event: FlowEvent, state: FlowState, id: string) => [
    ...(rules.react?.(event, state, id) ?? []),
    ...callsOf(event, state),
  ],
  withdraws: ({ type }: FlowEvent) => (type === 'FlowCancelRequested' ? ['operate'] : []),
};

function endOf(outcome: EffectOutcome, { received: seen }: FlowState) {
  const ending = { unread: [], seen };
  if (outcome.key === 'undo') return { type: 'ConfirmCancelled', data: ending };
  const { status } = outcome;
  if (status === 'done') return { type: 'Complete', data: { ...ending, result: outcome.result } };
  return { type: 'Fail', data: { ...ending, code: outcome.code, detail: outcome.detail } };
}

function callsOf({ type }: FlowEvent, { input = {} }: FlowState): readonly Effect[] {
  const call = (key: string, data: typeof input): readonly Effect[] => [
    { key, action: { kind: 'call', call: OPERATE, data }, reply: 'Ran' },
  ];
  if (type === 'FlowStarted') return call('operate', input);
  return type === 'FlowCancelRequested' ? call('undo', { ...input, operation: 'undo' }) : [];
}

/** What became of a payment. */
export type CardState = 'held' | 'taken' | 'undone';

/** The provider of cards, and its payments by their ids. */
export function cardProvider() {
  const payments = new Map<string, CardState>();
  const operate: Call = async ({ operation, payment }) => {
    const id = payment as string;
    const state = payments.get(id);
    const refuse = (): never => {
      throw new EffectRefusedError('CARD.WRONG_STATE', `the payment is ${state}`);
    };
    if (operation === 'undo') payments.set(id, 'undone');
    else if (operation === 'authorise')
      payments.set(id, state === undefined || state === 'held' ? 'held' : refuse());
    else payments.set(id, state === 'held' || state === 'taken' ? 'taken' : refuse());
    return {};
  };
  return { payments, calls: { [OPERATE]: operate } };
}
