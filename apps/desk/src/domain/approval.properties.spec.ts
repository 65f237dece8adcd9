import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { approvalContract, type ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { MINUTE, moment } from '#libs/testing/moments.js';
import { depthOf } from '../../../../test/support/depth.js';
import { approvalsView } from '../read-model/approvals/approvals.projection.js';
import { approvalDecider } from './approval.decider.js';
import { content, contentHash, otherHash } from './approval.fixture.js';
import type { ApprovalState } from './approval.state.js';
import { presentApproval } from './approval.view.js';

const flow = 'order-default.o-7';
const answer = { type: 'Decided', data: {} };

const asked = fc.record({
  needed: fc.integer({ min: 1, max: 3 }),
  deadline: fc.integer({ min: 5, max: 60 }).map((minutes) => moment(minutes * MINUTE)),
  remindAt: fc.integer({ min: 1, max: 4 }).map((minutes) => moment(minutes * MINUTE)),
  isAnswered: fc.boolean(),
});
const persons = ['alice', 'tom', 'ute', 'sue', 'bob', 'mallory'];
const step = fc.record({
  pause: fc.integer({ min: 0, max: 4 }),
  type: fc.constantFrom(
    'Claim',
    'Unclaim',
    'Delegate',
    'Approve',
    'Approve',
    'Approve',
    'Reject',
    'Withdraw',
  ),
  by: fc.constantFrom(...persons),
  to: fc.constantFrom('alice', 'tom', 'ute', 'sue', 'bob'),
  hash: fc.constantFrom(contentHash, contentHash, contentHash, otherHash),
  endsBatch: fc.boolean(),
  ringsAlarm: fc.boolean(),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function requestOf({ needed, deadline, remindAt, isAnswered }: Asked): TestCommand {
  const data = {
    subject: 'Order o-7',
    content,
    candidates: ['user:tom', 'user:ute', 'role:supervisor'],
    needed,
    deadline,
    remindAt,
    ...(isAnswered && { answers: { approved: answer, refused: answer, withdrawn: answer } }),
  };
  return { type: 'Request', data, at: moment(), actor: flow, sender: flow, onBehalfOf: 'alice' };
}

function dataOf({ type, to, hash }: Step): TestCommand['data'] {
  if (type === 'Delegate') return { to: `user:${to}` };
  if (type === 'Approve') return { contentHash: hash };
  return type === 'Reject' ? { reason: 'no' } : {};
}

const ENDS = ['ApprovalGranted', 'ApprovalRefused', 'ApprovalWithdrawn'];

async function live(request: Asked, steps: readonly Step[]) {
  const states: ApprovalState[] = [];
  const approval = new LivingEntity(approvalDecider, (state) => states.push(state));
  let now = 0;
  const life = steps.map((next): LifeStep => {
    now += next.pause * MINUTE;
    const { type, by: actor, endsBatch, ringsAlarm } = next;
    const roles = actor === 'sue' ? ['supervisor'] : [];
    const command = { type, data: dataOf(next), at: moment(now), actor, roles };
    return { command, endsBatch, ringsAlarm };
  });
  await approval.live([{ command: requestOf(request), endsBatch: true, ringsAlarm: false }, ...life]);
  return { approval, states, events: approval.events as unknown as readonly PublishedEvent<ApprovalEvent>[] };
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('ends an approval once at most, and nothing changes after that', () =>
    fc.assert(
      fc.asyncProperty(asked, sequences, async (request, steps) => {
        const { approval, events } = await live(request, steps);
        const types = events.map(({ type }) => type);
        expect(types.slice(0, -1).filter((type) => ENDS.includes(type))).toEqual([]);
        expect(approval.fold).toEqual(await approval.refold());
        expect(approvalContract.view.parse(presentApproval(approval.state))).toEqual(
          presentApproval(approval.state),
        );
        approval.expectInWordsOf(approvalContract, steps.length + 1);
      }),
      runs,
    ));

  it('approves only by as many as are needed, each once, never its requester, and before its deadline', () =>
    fc.assert(
      fc.asyncProperty(asked, sequences, async (request, steps) => {
        const { approval } = await live(request, steps);
        const given = approval.events.filter(({ type }) => type === 'ApprovalGiven');
        const by = given.map(({ data }) => data['by']);
        expect(new Set(by).size).toBe(by.length);
        for (const nobody of ['alice', 'mallory']) expect(by).not.toContain(nobody);
        const times = given.map(({ metadata }) => metadata.at).filter((at) => at >= request.deadline);
        expect(times).toEqual([]);
        expect(approval.state.status === 'approved').toBe(by.length >= request.needed);
      }),
      runs,
    ));

  it('answers once, and only what was asked for', () =>
    fc.assert(
      fc.asyncProperty(asked, sequences, async (request, steps) => {
        const { approval, states, events } = await live(request, steps);
        const effects = events.flatMap((event, index) => {
          return approvalDecider.react?.(event, states[index] as ApprovalState, 'any') ?? [];
        });
        const isAsked = request.isAnswered && approval.state.status !== 'open';
        expect(effects).toHaveLength(isAsked ? 1 : 0);
        for (const { action } of effects) {
          const told = { id: 'any', contentHash };
          const command = { type: 'Decided', data: { approval: told } };
          expect(action).toMatchObject({ kind: 'send', to: { category: 'order', id: 'o-7' }, command });
        }
      }),
      runs,
    ));

  it('is hidden from those who never had a part in it', () =>
    fc.assert(
      fc.asyncProperty(asked, sequences, async (request, steps) => {
        const { approval } = await live(request, steps);
        await approval.expectHiddenFrom('mallory-2', { type: 'Approve', data: { contentHash } });
      }),
      { numRuns: 10 },
    ));

  it('is listed as it is, for those to whom it belongs', () =>
    fc.assert(
      fc.asyncProperty(asked, sequences, async (request, steps) => {
        const { approval } = await live(request, steps);
        const parties = new Map<string, boolean>();
        let row: object | undefined;
        let { initialState: state } = approvalsView;
        for (const event of approval.events) {
          const published = toPublishedEvent(event) as PublishedEvent<ApprovalEvent>;
          const projected = approvalsView.project(state, published);
          ({ state } = projected);
          [row] = projected.rows.approvals ?? [];
          for (const { part, party, mayDecide } of projected.rows.parties ?? []) {
            if (part === 'candidate') parties.set(party, mayDecide);
          }
        }
        const { status, request: shown } = approval.state;
        const { approvals = [], claimedBy, reason, candidates = [], delegators = [] } = shown ?? {};
        expect(row).toMatchObject({ status, approvals: approvals.length, revision: approval.fold.revision });
        expect({ claimedBy, reason }).toEqual({ claimedBy: undefined, reason: undefined, ...picked(row) });
        const mayDecide = [...parties].flatMap(([party, may]) => (may ? [party] : []));
        expect(mayDecide.toSorted()).toEqual([...candidates].toSorted());
        const formerly = delegators.map((id) => `user:${id}`);
        expect([...parties.keys()]).toEqual(expect.arrayContaining(formerly));
      }),
      runs,
    ));
});

function picked(row: object = {}): object {
  const { claimedBy, reason } = row as { readonly claimedBy?: string; readonly reason?: string };
  return { ...(claimedBy !== undefined && { claimedBy }), ...(reason !== undefined && { reason }) };
}
