import { beforeEach, describe, expect, it } from '@jest/globals';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { envelopeOf, testId } from '#libs/testing/command-envelope.builder.js';
import { HOUR, moment } from '#libs/testing/moments.js';
import { RING_SIZE, UNKEPT_LIMIT } from './outcome-ring.js';
import { Mailbox } from './mailbox.js';

const at = moment();
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

describe('a command that was stamped ahead of its decision, without a key', () => {
  const wrong = envelopeOf({ type: 'Add', data: {}, at: moment(HOUR) }, 'wrong');

  it.each([
    ['in the same run', (mailbox: Mailbox) => mailbox],
    ['in the next one', (mailbox: Mailbox) => new Mailbox(mailbox.carry().ring)],
  ])('is looked up when it is repeated after it was dropped, %s', (_, goOn) => {
    const first = new Mailbox();
    first.admit(wrong, never);
    first.settle([accepted('wrong')]);
    const mailbox = goOn(first);
    for (let index = 0; index < RING_SIZE; index += 1) {
      mailbox.admit(envelopeOf({ type: 'Add', data: {} }, `${index}`), never);
      mailbox.settle([accepted(`${index}`)]);
    }
    expect(mailbox.outcomeOf(wrong.commandId)).toBeUndefined();
    expect(mailbox.mayHaveForgotten([wrong])).toBe(true);
    expect(mailbox.carry().ring.evictedUpTo).toBe(wrong.sentAt);
  });
});

describe('a command whose outcome could not be known', () => {
  const command = envelopeOf({ type: 'Add', data: {} }, 'doubtful', { key: 'key' });
  const { commandId } = command;
  const unknown = outcomeUnknown(commandId, 0, at);
  let mailbox: Mailbox;
  beforeEach(() => {
    mailbox = new Mailbox();
    mailbox.admit(command, never);
    mailbox.settle([unknown]);
  });

  it('is answered as unknown, and admitted again when it is repeated', () => {
    expect(mailbox.outcomeOf(commandId)).toEqual(unknown);
    expect(mailbox.admit(command, never)).toBe(true);
    expect(mailbox.receiptOf(commandId)).toMatchObject({ status: 'pending' });
    mailbox.settle([accepted('doubtful')]);
    expect(mailbox.admit(command, never)).toBe(false);
    expect(mailbox.carry().ring.entries).toHaveLength(1);
  });

  it('is taken again in the next run', () => {
    const next = new Mailbox(mailbox.carry().ring);
    expect(next.outcomeOf(commandId)).toEqual(unknown);
    expect(next.admit(command, never)).toBe(true);
  });

  it('leaves its key to others', () => {
    expect(mailbox.admit({ ...command, commandId: testId('other') }, never)).toBe(true);
    const next = new Mailbox(mailbox.carry().ring);
    expect(next.admit({ ...command, keyId: commandId, commandId: testId('third') }, never)).toBe(true);
  });

  it('gives way to an outcome that somebody else knows, and never takes its place', () => {
    mailbox.recall({ entries: [{ outcome: accepted('doubtful') }] }, never);
    expect(mailbox.outcomeOf(commandId)).toEqual(accepted('doubtful'));
    mailbox.recall({ entries: [{ outcome: unknown }] }, never);
    expect(mailbox.carry().ring.entries).toEqual([{ outcome: accepted('doubtful') }]);
  });
});

describe('an inbox with much in it', () => {
  const big = (name: string, characters: number) =>
    envelopeOf({ type: 'Add', data: { text: 'x'.repeat(characters) } }, name);

  it('may cross to the next run once what is left is small enough, to the byte', () => {
    const mailbox = new Mailbox();
    const first = big('first', 1_000);
    const rest = 200_000 - 1 - JSON.stringify([first, big('second', 0)]).length;
    mailbox.admit(first, never);
    mailbox.admit(big('second', rest), never);
    expect(JSON.stringify(mailbox.carry().inbox)).toHaveLength(199_999);
    expect(mailbox.isSmallEnoughToCarry).toBe(true);
    mailbox.admit(big('third', 1), never);
    expect(mailbox.isSmallEnoughToCarry).toBe(false);
    mailbox.settle([accepted('second')]);
    expect(mailbox.isSmallEnoughToCarry).toBe(true);
    mailbox.admit(big('fourth', 200_000), never);
    expect(mailbox.isSmallEnoughToCarry).toBe(false);
    mailbox.recall({ entries: [{ outcome: accepted('fourth') }] }, never);
    expect(mailbox.isSmallEnoughToCarry).toBe(true);
    expect(mailbox.size).toBe(2);
  });

  it('is measured in bytes, not in characters', () => {
    const mailbox = new Mailbox();
    mailbox.admit(envelopeOf({ type: 'Add', data: { text: '–'.repeat(70_000) } }, 'wide'), never);
    expect(mailbox.isSmallEnoughToCarry).toBe(false);
    mailbox.admit(big('second', 1), never);
    expect(mailbox.next(100)).toHaveLength(1);
  });

  it('is drained in parts, at least one command at a time', () => {
    const mailbox = new Mailbox();
    for (const name of ['first', 'second', 'third']) mailbox.admit(big(name, 150_000), never);
    expect(mailbox.next(100)).toEqual([big('first', 150_000)]);
    mailbox.settle([accepted('first')]);
    expect(mailbox.next(100)).toEqual([big('second', 150_000)]);
  });
});

describe('a ring of large outcomes', () => {
  const MAX_BYTES = 450_000;
  const settle = (mailbox: Mailbox, name: string, characters: number, isUnkept = false): void => {
    const envelope = envelopeOf({ type: 'Add', data: {} }, name, { key: name });
    mailbox.admit(envelope, never);
    const events = ['x'.repeat(characters)];
    mailbox.settle([{ ...accepted(name), events } as Outcome], isUnkept ? [envelope.commandId] : []);
  };
  const sizeOf = (mailbox: Mailbox) => jsonBytes(mailbox.carry().ring.entries);

  it('forgets the oldest for their size, and records that', () => {
    const mailbox = new Mailbox();
    for (let index = 0; index < 500; index += 1) settle(mailbox, `${index}`, 2_000);
    expect(sizeOf(mailbox)).toBeLessThanOrEqual(MAX_BYTES);
    expect(sizeOf(mailbox)).toBeGreaterThan(MAX_BYTES - 5_000);
    expect(mailbox.outcomeOf(testId('0'))).toBeUndefined();
    expect(mailbox.outcomeOf(testId('499'))).toBeDefined();
    expect(mailbox.carry().ring.evictedUpTo).toBe(at);
    const { ring } = mailbox.carry();
    expect(new Mailbox(ring).carry().ring).toEqual(ring);
  });

  it('keeps the latest until their senders have them, in preference to those held for another memory', () => {
    const mailbox = new Mailbox();
    for (let index = 0; index < 220; index += 1) settle(mailbox, `held ${index}`, 2_000, true);
    for (let index = 0; index < 100; index += 1) settle(mailbox, `new ${index}`, 10_000);
    for (let index = 0; index < 100; index += 1) {
      expect(mailbox.outcomeOf(testId(`new ${index}`))).toBeDefined();
    }
    expect(mailbox.outcomeOf(testId('held 219'))).toBeUndefined();
    settle(mailbox, 'small again', 1);
    expect(mailbox.carry().ring.entries).toHaveLength(100);
  });
});

describe('an outcome that no other memory holds', () => {
  const rejected = (name: string): Outcome => {
    return { status: 'rejected', commandId: testId(name), revision: 0, code: 'NO', detail: '', at };
  };
  const settle = (mailbox: Mailbox, count: number, name: string, isUnkept: boolean): void => {
    for (let index = 0; index < count; index += 1) {
      const each = `${name} ${index}`;
      const envelope = envelopeOf({ type: 'Add', data: {} }, each, { key: each });
      mailbox.admit(envelope, never);
      mailbox.settle([rejected(each)], isUnkept ? [envelope.commandId] : []);
    }
  };

  it('stays while a thousand others come and go, and goes with them once it is kept elsewhere', () => {
    const mailbox = new Mailbox();
    settle(mailbox, 1, 'held', true);
    settle(mailbox, RING_SIZE + 1, 'other', false);
    expect(mailbox.outcomeOf(testId('held 0'))).toBeDefined();
    expect(mailbox.outcomeOf(testId('other 0'))).toBeUndefined();
    mailbox.noteKept(mailbox.nextUnkept());
    settle(mailbox, 1, 'last', false);
    expect(mailbox.outcomeOf(testId('held 0'))).toBeUndefined();
    expect(mailbox.nextUnkept()).toEqual([]);
  });

  it('crosses to the next run as such', () => {
    const mailbox = new Mailbox();
    settle(mailbox, 2, 'held', true);
    const next = new Mailbox(mailbox.carry().ring);
    expect(next.nextUnkept()).toHaveLength(2);
    expect(next.carry()).toEqual(mailbox.carry());
  });

  it('is forgotten only when there are too many, the oldest first; the latest is always kept', () => {
    const mailbox = new Mailbox();
    settle(mailbox, RING_SIZE, 'other', false);
    settle(mailbox, UNKEPT_LIMIT + 1, 'held', true);
    expect(mailbox.outcomeOf(testId('held 0'))).toBeUndefined();
    expect(mailbox.outcomeOf(testId('held 1'))).toBeDefined();
    expect(mailbox.outcomeOf(testId(`held ${UNKEPT_LIMIT}`))).toBeDefined();
    expect(mailbox.outcomeOf(testId('other 0'))).toBeDefined();
    expect(mailbox.carry().ring.entries).toHaveLength(RING_SIZE + UNKEPT_LIMIT);
  });
});
