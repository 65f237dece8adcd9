import { describe, expect, test } from '@jest/globals';
import { decodeCursor, decodeCursorParts, encodeCursor, toPage } from './page.js';
import { InvalidCursorError } from './read-model.errors.js';

describe('a cursor', () => {
  test.each(['a', '~:-_.', 'Zoë', ''])('is read as it was written: %j', (last) => {
    expect(decodeCursor(encodeCursor(last))).toBe(last);
  });

  test.each([
    '',
    'x',
    'alice',
    `${encodeCursor('a')}=`,
    `${encodeCursor('a')}x`,
    Buffer.from('2.a').toString('base64url'),
    encodeCursor('a\0'),
  ])('that was not handed out is refused: %j', (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(InvalidCursorError);
  });
});

describe('where a page begins', () => {
  const pattern = /^(\d+)\/([a-z]+)$/;

  test('is before everything without a cursor', () => {
    expect(decodeCursorParts(undefined, pattern)).toEqual([]);
  });

  test('is the end of the previous page', () => {
    expect(decodeCursorParts(encodeCursor('7/cd'), pattern)).toEqual(['7', 'cd']);
  });

  test.each(['', 'a b', '7/', '7/CD'])('is not where another list ended: %j', (last) => {
    expect(() => decodeCursorParts(encodeCursor(last), pattern)).toThrow(InvalidCursorError);
  });
});

describe('a page', () => {
  const cursorOf = (last: number): string => encodeCursor(String(last));

  test('leads to the next one only when more was found', () => {
    expect(toPage([1, 2, 3], 2, cursorOf)).toEqual({ data: [1, 2], nextCursor: encodeCursor('2') });
    expect(toPage([1, 2], 2, cursorOf)).toEqual({ data: [1, 2] });
    expect(toPage([], 2, cursorOf)).toEqual({ data: [] });
  });
});
