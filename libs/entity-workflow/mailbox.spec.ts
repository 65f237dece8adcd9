import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '#libs/decider/outcome.js';
import { toTimestamp } from '#libs/decider/timestamp.js';
import { envelopeOf, testId } from '#libs/testing/command-envelope.builder.js';
import { Mailbox } from './mailbox.js';

const at = toTimestamp(0);
const accepted = (name: string): Outcome => {
  return { status: 'accepted', commandId: testId(name), revision: 0, events: ['Added'], at };
};
const never = (): never => {
  throw new Error('no key is used twice here');
};

describe('an inbox that learns of an outcome which it did not see', () => {
  it('takes a repeat of that command no more, and lets it wait no longer', () => {
    const mailbox = new Mailbox();
    mailbox.admit(envelopeOf({ type: 'Add', data: {} }, 'waiting'), never);
    mailbox.recall({ entries: [{ outcome: accepted('lost') }, { outcome: accepted('waiting') }] }, never);
    expect(mailbox.size).toBe(0);
    expect(mailbox.admit(envelopeOf({ type: 'Add', data: {} }, 'lost'), never)).toBe(false);
    expect(mailbox.outcomeOf(testId('waiting'))).toEqual(accepted('waiting'));
  });

  it('keeps what it knows already, once', () => {
    const mailbox = new Mailbox({ entries: [{ outcome: accepted('known') }] });
    mailbox.recall({ entries: [{ outcome: accepted('known') }] }, never);
    expect(mailbox.carry().ring.entries).toEqual([{ outcome: accepted('known') }]);
  });

  it('does not forget how far it has forgotten', () => {
    const mailbox = new Mailbox({ entries: [], evictedUpTo: toTimestamp(1_000) });
    mailbox.recall({ entries: [{ outcome: accepted('lost') }] }, never);
    expect(mailbox.carry().ring.evictedUpTo).toBe(toTimestamp(1_000));
  });
});
