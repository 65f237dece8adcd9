import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { accountDecider } from './account.decider.js';
import { accountDeadline } from './account.deadlines.js';
import {
  captured,
  deposited,
  expired,
  held,
  holdRequested,
  opened,
  requestRefused,
  withdrawalRequested,
} from './account.fixture.js';

function deadlineAfter(...events: Parameters<typeof accountDecider.evolve>[1][]) {
  return accountDeadline(events.reduce(accountDecider.evolve, accountDecider.initialState));
}

describe('the deadline of an account', () => {
  const soon = held('h-soon', 1, { expiresAt: moment(HOUR) });
  const late = held('h-late', 1, { expiresAt: moment(DAY) });

  it('is absent without holds', () => {
    expect(deadlineAfter()).toBeUndefined();
    expect(deadlineAfter(opened, deposited(10))).toBeUndefined();
  });

  it('is absent when no hold has a deadline', () => {
    expect(deadlineAfter(opened, deposited(10), held('h-1', 1))).toBeUndefined();
  });

  it('is the earliest of its holds, whichever was placed first', () => {
    const first = {
      at: moment(HOUR),
      subject: 'h-soon',
      command: { type: 'ExpireHold', data: { holdId: 'h-soon' } },
    };
    expect(deadlineAfter(opened, deposited(10), soon, late)).toEqual(first);
    expect(deadlineAfter(opened, deposited(10), late, held('h-1', 1), soon)).toEqual(first);
  });

  it('may be that of a hold that waits for approval', () => {
    const requested = holdRequested('a-1', 'h-1', 1, { expiresAt: moment(HOUR / 2) });
    const waiting = [opened, deposited(10), withdrawalRequested('a-2', 1), soon, requested] as const;
    expect(deadlineAfter(...waiting)).toMatchObject({ at: moment(HOUR / 2), subject: 'h-1' });
    const ended = requestRefused('a-1', 1, 'refused', { holdId: 'h-1' });
    expect(deadlineAfter(...waiting, ended)?.subject).toBe('h-soon');
  });

  it('is the next one when a hold has ended', () => {
    expect(deadlineAfter(opened, deposited(10), soon, late, expired('h-soon', 1))?.subject).toBe('h-late');
    expect(deadlineAfter(opened, deposited(10), soon, late, captured('h-soon', 1))?.at).toBe(moment(DAY));
  });
});
