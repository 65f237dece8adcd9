import { describe, expect, test } from '@jest/globals';
import {
  decodeCursor,
  decodeCursorParts,
  decodeIdCursor,
  decodeMoment,
  encodeCursor,
  toPage,
} from './page.js';
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
    expect(decodeIdCursor(undefined)).toBe('');
    expect(decodeCursorParts(undefined, pattern)).toEqual([]);
  });

  test('is what the page before has ended with', () => {
    expect(decodeIdCursor(encodeCursor('alice'))).toBe('alice');
    expect(decodeCursorParts(encodeCursor('7/cd'), pattern)).toEqual(['7', 'cd']);
  });

  test.each(['', 'a b', '7/', '7/CD'])('is not where another list ended: %j', (last) => {
    expect(() => decodeCursorParts(encodeCursor(last), pattern)).toThrow(InvalidCursorError);
    expect(() => decodeIdCursor(encodeCursor(last))).toThrow(InvalidCursorError);
  });
});

describe('a moment in a cursor', () => {
  test.each([undefined, '0001-01-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'])(
    'is taken: %s',
    (moment) => expect(decodeMoment(moment)).toBe(moment),
  );

  test.each([
    '2026-99-99T00:00:00.000Z',
    '2026-02-29T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '2026-01-01',
  ])('is refused when no calendar has it: %s', (moment) => {
    expect(() => decodeMoment(moment)).toThrow(InvalidCursorError);
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
