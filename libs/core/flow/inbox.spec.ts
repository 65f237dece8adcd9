import { describe, expect, it } from '@jest/globals';
import { moment } from '#libs/testing/moments.js';
import { Inbox } from './inbox.js';

const note = (n: number) => ({ n, name: 'Note', data: { n }, at: moment(n) });

/** The numbers of messages as they reach a waiting receiver. */
function numbersOf(inbox: Inbox, count: number): number[] {
  const numbers: number[] = [];
  for (let index = 0; index < count; index += 1)
    void inbox.next('Note').result.then(({ n }) => numbers.push(n));
  return numbers;
}

describe('a message that is put back', () => {
  it('is the next to be taken', () => {
    const inbox = new Inbox();
    inbox.add(note(1));
    inbox.add(note(2));
    const first = inbox.take('Note');
    expect(first).toEqual(note(1));
    inbox.putBack(note(1));
    expect(inbox.take('Note')).toEqual(note(1));
    expect(inbox.take('Note')).toEqual(note(2));
  });

  it('goes to a receiver that waits already, and later ones come after it', async () => {
    const counts: number[] = [];
    const inbox = new Inbox(({ n }, by) => counts.push(by * n));
    inbox.add(note(1));
    inbox.take('Note');
    const numbers = numbersOf(inbox, 2);
    inbox.putBack(note(1));
    inbox.add(note(2));
    await Promise.resolve();
    await Promise.resolve();
    expect(numbers).toEqual([1, 2]);
    expect(counts).toEqual([1, -1, 1, 2]);
  });
});
