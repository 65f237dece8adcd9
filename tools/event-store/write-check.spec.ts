import { describe, expect, test } from '@jest/globals';
import type { ProposedEvent } from './stored-event.js';
import type { StreamView } from './stream-state.js';
import { checkAppend, checkDelete, type EarlierEvents } from './write-check.js';
import type { Expected } from './write-request.js';

const EMPTY = new Uint8Array();
const event = (id: string): ProposedEvent => ({ id, type: 't', isJson: true, data: EMPTY, metadata: EMPTY });

/** A stream with these ids, one append each. Positions count from 100. */
function stream(ids: string, view: Partial<StreamView> = {}) {
  const held = ids.split('');
  const earlier: EarlierEvents = {
    from: async (revision, count) =>
      held
        .map((id, index) => ({ id, position: 100n + BigInt(index) }))
        .slice(Number(revision), Number(revision) + count),
    lastRevisionOf: async (id) => (held.includes(id) ? BigInt(held.lastIndexOf(id)) : undefined),
  };
  const standing: StreamView = {
    revision: BigInt(held.length) - 1n,
    metadata: {},
    isTombstoned: false,
    isDeleted: false,
    hasMetadata: false,
    ...view,
  };
  return {
    append: (appended: string, expected: Expected) =>
      checkAppend(
        { kind: 'append', stream: 's', expected, events: appended.split('').map(event) },
        standing,
        earlier,
      ),
    delete: (expected: Expected) => checkDelete({ kind: 'delete', stream: 's', expected }, standing),
    tombstone: (expected: Expected) => checkDelete({ kind: 'tombstone', stream: 's', expected }, standing),
  };
}

const repeatUntil = (revision: bigint) => ({ kind: 'written', revision, position: 100n + revision });
const conflictAt = (actual: bigint | undefined) => expect.objectContaining({ kind: 'conflict', actual });

describe('an append is a repeat', () => {
  test.each<[string, string, Expected, bigint]>([
    ['AB', 'AB', 'no_stream', 1n],
    ['AB', 'AB', 'any', 1n],
    ['AB', 'AB', 'stream_exists', 1n],
    ['AB', 'A', 'no_stream', 0n],
    ['ABCD', 'B', 0n, 1n],
    ['ABCD', 'BC', 0n, 2n],
    ['ABAB', 'AB', 'any', 3n],
  ])('on %s, of %s after %s', async (held, appended, expected, revision) => {
    expect(await stream(held).append(appended, expected)).toEqual(repeatUntil(revision));
  });
});

describe('an append is written', () => {
  test.each<[string, string, Expected]>([
    ['AB', 'AB', 1n],
    ['AB', 'BC', 'any'],
    ['AB', 'ABC', 'any'],
    ['ABCD', 'B', 3n],
    ['', 'XX', 'no_stream'],
    ['', 'A', 'any'],
  ])('on %p, of %s after %s', async (held, appended, expected) => {
    expect(await stream(held).append(appended, expected)).toBe('write');
  });
});

describe('an append conflicts', () => {
  test.each<[string, string, Expected]>([
    ['AB', 'ABC', 'no_stream'],
    ['AB', 'BC', 0n],
    ['AB', 'AX', 'no_stream'],
    ['ABCD', 'B', 1n],
    ['ABCD', 'B', 2n],
    ['AB', 'X', 7n],
    ['', 'A', 0n],
    ['', 'A', 'stream_exists'],
    ['', '', 3n],
    ['AB', '', 0n],
  ])('on %p, of %p after %s', async (held, appended, expected) => {
    const actual = held === '' ? undefined : BigInt(held.length) - 1n;
    expect(await stream(held).append(appended, expected)).toEqual(conflictAt(actual));
  });
});

describe('on a deleted stream', () => {
  const deleted = stream('ABC', { isDeleted: true, hasMetadata: true });
  test.each<Expected>(['no_stream', 'any', 2n])('%s is appended', async (expected) => {
    expect(await deleted.append('X', expected)).toBe('write');
  });
  test('a stale revision conflicts, and the stream counts as gone', async () => {
    expect(await deleted.append('X', 1n)).toEqual(conflictAt(2n));
    expect(await deleted.append('X', 'stream_exists')).toEqual({ kind: 'deleted' });
  });
  test('a partial repeat of its first append does not count as one', async () => {
    expect(await deleted.append('AX', 'no_stream')).toEqual(conflictAt(2n));
  });
});

describe('a deletion', () => {
  test('of existing events needs the expected revision', () => {
    expect(stream('ABC').delete(2n)).toBe('write');
    expect(stream('ABC').delete('any')).toBe('write');
    expect(stream('ABC').delete(1n)).toEqual(conflictAt(2n));
    expect(stream('ABC').delete('no_stream')).toEqual(conflictAt(2n));
  });
  test('of a missing stream conflicts, a tombstone may stand there', () => {
    for (const expected of ['any', 'no_stream'] as const) {
      expect(stream('').delete(expected)).toEqual(conflictAt(undefined));
      expect(stream('').tombstone(expected)).toBe('write');
    }
  });
  test('of a stream with nothing but metadata is one', () => {
    expect(stream('', { hasMetadata: true }).delete('no_stream')).toBe('write');
  });
});

test('nothing can be appended after a tombstone', async () => {
  const ended = stream('ABC', { isTombstoned: true });
  expect(await ended.append('X', 'any')).toEqual({ kind: 'deleted' });
  expect(await ended.append('', 'any')).toEqual({ kind: 'deleted' });
  expect(ended.delete('any')).toEqual({ kind: 'deleted' });
  expect(ended.tombstone('any')).toEqual({ kind: 'deleted' });
});
