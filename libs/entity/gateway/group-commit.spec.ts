import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { EntityBusyError } from './entity-gateway.js';
import { countInMessage, GroupCommit } from './group-commit.js';

const LIMITS = { items: 4, bytes: 100, waiting: 6 };

/**
 * A group commit whose messages the test answers one by one. The result of each item is its double.
 */
function commit() {
  const messages: { items: readonly number[]; answer(): void; fail(error: Error): void }[] = [];
  const group = new GroupCommit<number, number>(
    (_, items) =>
      new Promise((resolve, reject) => {
        messages.push({ items, answer: () => resolve(items.map((item) => 2 * item)), fail: reject });
      }),
    LIMITS,
  );
  const submit = (...items: number[]) => group.submit('alice', items);
  const message = async (number: number) => {
    while (messages.length < number) await pause(1);
    return messages[number - 1] as (typeof messages)[number];
  };
  return { submit, message };
}

describe('items that wait while a message is under way', () => {
  it('leave together in the next one, and each sender gets its own results', async () => {
    const { submit, message } = commit();
    submit(1);
    const two = submit(2, 3);
    const one = submit(4);
    (await message(1)).answer();
    const next = await message(2);
    expect(next.items).toEqual([2, 3, 4]);
    next.answer();
    expect(await Promise.all([two.results, one.results])).toEqual([[4, 6], [8]]);
  });

  it('of one sender are never split', async () => {
    const { submit, message } = commit();
    submit(1);
    submit(2, 3, 4);
    submit(5, 6);
    (await message(1)).answer();
    (await message(2)).answer();
    expect((await message(2)).items).toEqual([2, 3, 4]);
    expect((await message(3)).items).toEqual([5, 6]);
  });

  it('are never sent once they are withdrawn', async () => {
    const { submit, message } = commit();
    const first = submit(1);
    const second = submit(2, 3);
    submit(4);
    expect([first.withdraw(), second.withdraw()]).toEqual([false, true]);
    (await message(1)).answer();
    expect((await message(2)).items).toEqual([4]);
  });

  it('are refused when too many wait, from any sender', () => {
    const { submit } = commit();
    submit(1);
    submit(2, 3, 4);
    submit(5, 6, 7);
    expect(() => submit(8)).toThrow(EntityBusyError);
  });

  it('fail with their message only', async () => {
    const { submit, message } = commit();
    const failed = submit(1).results;
    const sent = submit(2, 3).results;
    (await message(1)).fail(new Error('no answer'));
    await expect(failed).rejects.toThrow('no answer');
    (await message(2)).answer();
    expect(await sent).toEqual([4, 6]);
  });
});

describe('a message', () => {
  it('takes as many items as its limits allow, and at least one', () => {
    expect(countInMessage([1, 2, 3, 4, 5], LIMITS)).toBe(4);
    expect(countInMessage(['x'.repeat(200), 1], LIMITS)).toBe(1);
    expect(countInMessage(['x'.repeat(50), 'x'.repeat(50), 1], LIMITS)).toBe(1);
    expect(countInMessage([1], LIMITS)).toBe(1);
  });
});
