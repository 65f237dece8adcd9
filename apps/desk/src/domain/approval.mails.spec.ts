import { describe, expect, it } from '@jest/globals';
import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import { approvalDecider } from './approval.decider.js';
import { claimed, delegated, escalated, given, reminded, requested } from './approval.fixture.js';
import { withMails } from './approval.mails.js';
import { initialApproval } from './approval.state.js';

const decider = withMails(approvalDecider);

/** The flows that the last event starts. */
function mailsAfter(...events: readonly ApprovalEvent[]) {
  const state = events.reduce(decider.evolve, initialApproval);
  const effects = decider.react?.(events.at(-1)!, state, 'a-1') ?? [];
  return effects.map(({ action }) => {
    if (action.kind !== 'send') throw new Error('it is a call');
    return { to: action.to, people: action.command.data['people'] };
  });
}

const peopleAfter = (...events: readonly ApprovalEvent[]) =>
  mailsAfter(...events).map(({ people }) => people);

const three = requested({ needed: 2, candidates: ['user:tom', 'user:ute', 'user:alice', 'role:teller'] });

describe('a mail goes to', () => {
  it('candidates by name, but not to the requester', () => {
    expect(peopleAfter(three)).toEqual([['user:tom', 'user:ute']]);
    expect(peopleAfter(requested({ candidates: ['role:teller', 'user:alice'] }))).toEqual([]);
  });

  it('those who have not decided, as a reminder, even if one has claimed it', () => {
    expect(peopleAfter(three, given('tom'), reminded)).toEqual([['user:ute']]);
    expect(peopleAfter(three, claimed('tom'), reminded)).toEqual([['user:tom', 'user:ute']]);
  });

  it('those to whom it escalates', () => {
    expect(peopleAfter(three, escalated('user:eve', 'role:supervisor'))).toEqual([['user:eve']]);
  });

  it('the delegate, and no more to the delegator', () => {
    expect(peopleAfter(three, delegated('tom', 'bob'))).toEqual([['user:bob']]);
    expect(peopleAfter(three, delegated('tom', 'bob'), reminded)).toEqual([['user:ute', 'user:bob']]);
  });

  it('nobody for anything else', () => {
    expect(peopleAfter(three, claimed('tom'))).toEqual([]);
    expect(peopleAfter(three, given('tom'))).toEqual([]);
  });
});

it('each occasion has a flow of its own, the same whenever it is asked for', () => {
  const ids = [
    mailsAfter(three),
    mailsAfter(three, reminded),
    mailsAfter(three, escalated('user:eve')),
    mailsAfter(three, delegated('tom', 'bob')),
    mailsAfter(three, delegated('ute', 'eve')),
  ].flatMap((mails) => mails.map(({ to }) => to.id));
  expect(new Set(ids).size).toBe(5);
  expect(mailsAfter(three)[0]?.to).toEqual({ category: 'approvalMail', id: ids[0] });
});

it('the answer of an approval is still sent', () => {
  const answer = { type: 'Decided', data: {} };
  const asked = requested({
    requestedBy: 'order-default.o-7',
    answers: { approved: answer, refused: answer, withdrawn: answer },
  });
  const granted: ApprovalEvent = {
    type: 'ApprovalGranted',
    data: { by: ['tom'], contentHash: '0'.repeat(64) },
  };
  expect(mailsAfter(asked, given('tom'), granted)).toMatchObject([{ to: { category: 'order' } }]);
});
