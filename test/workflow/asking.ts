import { Approval } from '#contracts/approval/approval.kind.js';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Command, Decider, DomainEvent } from '#libs/core/decider.js';
import { entity, flow } from '#libs/core/entity-in-effects.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { reject } from '#libs/core/rejection.js';
import type { SagaStep } from '#libs/core/saga/saga.js';
import { sagaDecider } from '#libs/core/saga/saga.decider.js';
import { approvalAnswers, stepFlow } from '#libs/core/saga/step-answers.js';
import { sha256 } from '#libs/core/sha256.js';
import { Probe } from './flows/probe.js';

export const ANSWER_SECONDS = 86_400;

type OutingInput = {
  /** Whom it asks: an approval or a flow with this id. */
  readonly ask: 'approval' | 'flow';
  readonly id: string;
  readonly deadline: string;
  readonly script: string;
};

const content = { trip: 'to the sea' };

/** What its requesters know of the content. */
export const contentHash = sha256(canonicalJson(content));

type Answer = { readonly type: string; readonly data: JsonObject };
type Answers = Readonly<Record<'approved' | 'refused' | 'withdrawn', Answer>>;

function request(id: string, deadline: string, answers: Answers) {
  const of = { subject: 'A trip', content, candidates: ['user:tom'], needed: 1, deadline, answers };
  return { ...entity(Approval, id).send({ type: 'Request', data: of }), answer: 'later' as const };
}

const steps = {
  approval: ({ id, deadline }: OutingInput): SagaStep => ({
    name: 'ask',
    action: request(id, deadline, approvalAnswers('ask')),
    withdraw: entity(Approval, id).send({ type: 'Withdraw', data: { reason: 'not needed any more' } }),
    answerSeconds: ANSWER_SECONDS,
  }),
  flow: ({ id, script }: OutingInput): SagaStep => ({
    name: 'ask',
    action: stepFlow(Probe, id, { script }, { step: 'ask' }),
    withdraw: flow(Probe, id).cancel('not needed any more'),
    answerSeconds: ANSWER_SECONDS,
  }),
};

/** A saga that asks an approval, or has a flow run, and waits for the answer. */
export const outingDecider = sagaDecider<OutingInput>({
  name: 'outing',
  stateVersion: 1,
  patienceSeconds: 30 * ANSWER_SECONDS,
  stages: (input) => [[steps[input.ask](input)]],
});

interface WishState {
  readonly approval?: string;
  readonly outcome?: string;
}

/** An ordinary entity that asks an approval. */
export const wishDecider: Decider<WishState, Command, DomainEvent> = {
  name: 'wish',
  stateVersion: 1,
  initialState: {},
  decide: ({ type, data, sender }, { approval, outcome }) => {
    if (type === 'Ask') return [{ type: 'Asked', data }];
    const answer = data['approval'] as { contentHash?: string } | undefined;
    const isAsked = approval !== undefined && sender === streamName('approval', approval);
    if (!isAsked || answer?.contentHash !== contentHash) return reject('WISH.NOT_ASKED', 'it was not asked');
    return outcome === undefined ? [{ type: 'Heard', data }] : reject('WISH.HEARD', 'it was heard before');
  },
  evolve: (state, { type, data }) =>
    type === 'Asked' ? { approval: data['id'] as string } : { ...state, outcome: data['outcome'] as string },
  react: ({ type, data }) => {
    if (type !== 'Asked') return [];
    const hear = (outcome: string) => ({ type: 'Hear', data: { outcome } });
    const answers = { approved: hear('approved'), refused: hear('refused'), withdrawn: hear('withdrawn') };
    const action = request(data['id'] as string, data['deadline'] as string, answers);
    return [{ key: 'ask', action, reply: 'Hear' }];
  },
};
