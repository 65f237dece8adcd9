import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountContract, type AccountEvent } from '#contracts/account/account.contract.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { streamName } from '#libs/core/entity-id.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from './account.decider.js';
import type { AccountState } from './account.state.js';
import { presentAccount } from './account.view.js';
import { depthOf } from '../../../../test/support/depth.js';

const MOST = Number.MAX_SAFE_INTEGER;

const holdId = fc.constantFrom('h-1', 'h-2', 'h-3', 'h-4', 'h-5', 'h-6');
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 120 }) },
  { weight: 1, arbitrary: fc.constantFrom(MOST, MOST - 1, MOST - 100) },
);
const currency = fc.option(fc.constantFrom('USD', 'USD', 'USD', 'EUR'), { nil: undefined });
const seconds = fc.integer({ min: 0, max: 40 });

/**
 * A step: some seconds pass, then a command is sent. The deadline of a hold is this many seconds
 * away.
 */
const step = fc.record({
  pause: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, seconds),
  expiresIn: fc.option(fc.integer({ min: -5, max: 60 }), { nil: undefined }),
  type: fc.constantFrom(
    ...['Deposit', 'Deposit', 'Deposit', 'PlaceHold', 'PlaceHold', 'PlaceHold', 'PlaceHold', 'Withdraw'],
    ...[
      'CaptureHold',
      'CaptureHold',
      'CaptureHold',
      'ReleaseHold',
      'ExpireHold',
      'Freeze',
      'Unfreeze',
      'Unfreeze',
    ],
    ...['Close', 'Open', 'ReverseDeposit'],
    ...['SetApprovalLimit', 'RemoveApprovalLimit', 'RecordApproval', 'RecordApproval', 'DropRequest'],
  ),
  amount,
  currency,
  holdId,
  outcome: fc.constantFrom('approved', 'approved', 'refused', 'withdrawn'),
  /** An answer of another approval, or for other content. */
  forged: fc.constantFrom(undefined, undefined, undefined, 'sender', 'hash'),
  isWhole: fc.boolean(),
  endsBatch: fc.boolean(),
  ringsAlarm: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const data: Record<string, (step: Step, now: number, state: AccountState) => TestCommand['data']> = {
  Open: () => ({ owner: 'Alice', currency: 'USD' }),
  Deposit: ({ amount, currency }) => ({ amount, ...(currency && { currency }) }),
  Withdraw: ({ amount, currency }) => ({ amount, ...(currency && { currency }) }),
  ReverseDeposit: ({ amount, holdId }) => ({
    deposit: holdId,
    amount,
    reason: 'sent twice',
    deposited: amount,
  }),
  PlaceHold: ({ amount, holdId, expiresIn }, now) => ({
    amount,
    holdId,
    ...(expiresIn !== undefined && { expiresAt: moment(now + expiresIn) }),
  }),
  CaptureHold: ({ amount, holdId, isWhole }) => ({ holdId, ...(!isWhole && { amount }) }),
  ReleaseHold: ({ holdId }) => ({ holdId }),
  ExpireHold: ({ holdId }) => ({ holdId }),
  SetApprovalLimit: ({ amount }) => {
    return { amount: amount % 60, candidates: ['role:supervisor'], needed: 1, withinSeconds: 30 };
  },
  RemoveApprovalLimit: () => ({}),
  RecordApproval: ({ outcome, forged, ...step }, _, state) => {
    const { approvalId: id, contentHash } = requestFor(step, state);
    const hash = forged === 'hash' ? 'b'.repeat(64) : contentHash;
    return { outcome, approval: { id, contentHash: hash, by: ['tom'] } };
  },
  DropRequest: (step, _, state) => {
    const { approvalId: echo } = requestFor(step, state);
    return { ...{ key: 'request', status: 'refused', attempts: 1, echo }, code: 'NO', detail: 'no' };
  },
  Freeze: () => ({ reason: 'suspicion' }),
  Unfreeze: () => ({ reason: 'cleared' }),
  Close: () => ({}),
};

/** One of the requests that wait, or one that never did. */
function requestFor({ holdId, isWhole }: Pick<Step, 'holdId' | 'isWhole'>, { requests = [] }: AccountState) {
  const request = requests.find((one) => one.holdId === holdId) ?? requests.at(isWhole ? 0 : -1);
  return request ?? { approvalId: 'a-0', contentHash: 'a'.repeat(64) };
}

/** Answers come from the approval that they name, unless they are forged. */
function senderOf({ type, forged }: Step, { approval }: { readonly approval?: { readonly id: string } }) {
  if (type !== 'RecordApproval') return {};
  return { sender: streamName('approval', forged === 'sender' ? 'a-1' : (approval?.id ?? '')) };
}

/** The stranger may also try to open the account for itself. */
function dataOfStranger(step: Step): TestCommand['data'] {
  const isOpening = step.type === 'Open' && step.isWhole;
  return isOpening
    ? { owner: 'Mallory', currency: 'USD' }
    : (data[step.type]?.(step, 0, accountDecider.initialState) ?? {});
}

/** Half of the strangers guess a revision. */
function guess({ endsBatch }: Step, expected: number) {
  return endsBatch ? { expectedRevision: expected - 1 } : {};
}

function expectSound({ balance, held, holds, requests = [] }: AccountState): void {
  expect(Number.isSafeInteger(balance) && balance >= 0).toBe(true);
  expect(held).toBeLessThanOrEqual(balance);
  expect(held).toBe([...holds, ...requests].reduce((sum, { amount }) => sum + amount, 0));
}

async function live(steps: readonly Step[]) {
  const account = new LivingEntity(accountDecider, expectSound);
  let now = 0;
  const open = { type: 'Open', data: { owner: 'Alice', currency: 'USD' } };
  const life: LifeStep[] = [
    { command: open, endsBatch: false, ringsAlarm: false },
    ...steps.map((next) => {
      now += next.pause;
      const { type, endsBatch, ringsAlarm } = next;
      const [at, seconds] = [moment(now), now];
      const command = () => {
        const body = data[type]?.(next, seconds, account.state) ?? {};
        return { type, data: body, at, ...senderOf(next, body) };
      };
      return { command, endsBatch, ringsAlarm };
    }),
  ];
  await account.live(life);
  return account;
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('keeps the money sound at every revision, and its state equal to the fold of its stream', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const account = await live(steps);
        expect(account.fold).toEqual(await account.refold());
        expect(JSON.parse(JSON.stringify(account.state))).toEqual(account.state);
        const view = presentAccount(account.state);
        expect(accountContract.view.parse(view)).toEqual(view);
      }),
      runs,
    ));

  it('spends nothing above the limit but what was approved, and gives the rest back', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { events, state } = await live(steps);
        let limit = Infinity;
        let [held, approved] = [0, 0];
        const waiting = new Map<unknown, number>();
        for (const { type, data } of events) {
          const amount = Number(data['amount']);
          if (type === 'ApprovalLimitSet') limit = amount;
          if (type === 'ApprovalLimitRemoved') limit = Infinity;
          if (type === 'WithdrawalRequested' || type === 'HoldRequested') {
            waiting.set(data['approvalId'], amount);
            held += amount;
          }
          if (type === 'RequestApproved' || type === 'RequestRefused') {
            expect(waiting.get(data['approvalId'])).toBe(amount);
            waiting.delete(data['approvalId']);
            held -= amount;
          }
          if (type === 'MoneyWithdrawn' || type === 'HoldPlaced') {
            expect(amount <= limit || amount === approved).toBe(true);
          }
          approved = type === 'RequestApproved' ? amount : 0;
        }
        const { requests = [] } = state;
        expect(requests.reduce((sum, { amount }) => sum + amount, 0)).toBe(held);
        expect(new Map(requests.map((one) => [one.approvalId, one.amount]))).toEqual(waiting);
      }),
      runs,
    ));

  it('answers every command once, in the words of the contract', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { outcomes } = await live(steps);
        expect(new Set(outcomes.map(({ commandId }) => commandId)).size).toBe(steps.length + 1);
        expect(outcomes).toHaveLength(steps.length + 1);
        const codes = Object.keys(accountContract.rejections);
        for (const outcome of outcomes) {
          if (outcome.status === 'accepted') expect(outcome.events.length).toBeGreaterThan(0);
          else expect(codes).toContain(outcome.code);
        }
      }),
      runs,
    ));

  it('answers the command of a stranger as if there were no account, and writes nothing', () =>
    fc.assert(
      fc.asyncProperty(sequences, step, fc.nat({ max: 30 }), async (steps, next, expected) => {
        const account = await live(steps);
        const command = { type: next.type, data: dataOfStranger(next), at: moment(2_400) };
        await account.expectHiddenFrom('Mallory', command, guess(next, expected));
      }),
      runs,
    ));

  it('writes events of the contract only, each batch whole, in an order of time, under ids of their own', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { events, outcomes } = await live(steps);
        const accepted = new Set(outcomes.flatMap((o) => (o.status === 'accepted' ? o.commandId : [])));
        let at = '';
        for (const { type, data, metadata } of events) {
          const { schema } = accountContract.events[type as AccountEvent['type']];
          expect(schema.parse(data)).toEqual(data);
          expect(metadata.at >= at).toBe(true);
          at = metadata.at;
          if (metadata.actor !== 'system:deadline') expect(accepted).toContain(metadata.commandId);
        }
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
        expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
      }),
      runs,
    ));
});
