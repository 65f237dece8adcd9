import { describe, expect, test } from '@jest/globals';
import { DELETED_METADATA, parseMetadata, withTruncateBefore } from './stream-metadata.js';
import { LAST_REVISION } from './stored-event.js';
import { isMissing, streamState, toTicks, viewOf, visibleRange } from './stream-state.js';

const NOW = Date.UTC(2026, 10, 24);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const visibleFrom = (revision: bigint, metadata: unknown) =>
  visibleRange(viewOf('cart-1', streamState(revision, 0n, json(metadata))), NOW).from;

describe('a stream of ten events', () => {
  test.each([
    ['nothing', {}, 0n],
    ['$maxCount 3', { $maxCount: 3 }, 7n],
    ['$tb 4', { $tb: 4 }, 4n],
    ['$tb 4 and $maxCount 3', { $tb: 4, $maxCount: 3 }, 7n],
    ['$tb 8 and $maxCount 3', { $tb: 8, $maxCount: 3 }, 8n],
    ['$maxCount 100', { $maxCount: 100 }, 0n],
    ['other properties', { owner: 'me', $acl: { $r: 'me' } }, 0n],
    ['a $maxCount of zero', { $maxCount: 0 }, 0n],
    ['a $maxCount that is no number', { $maxCount: 'three', $tb: 5 }, 0n],
  ])('with %s as metadata begins at the first one to be seen', (_, metadata, first) => {
    expect(visibleFrom(9n, metadata)).toBe(first);
  });

  test('with $maxAge shows what is not older', () => {
    const view = viewOf('cart-1', streamState(9n, 0n, json({ $maxAge: 60 })));
    expect(visibleRange(view, NOW)).toEqual({ from: 0n, createdFrom: toTicks(NOW - 60_000) });
  });

  test('is missing once it is deleted, and there again from the revision it was written to', () => {
    const deleted = streamState(9n, 3n, DELETED_METADATA);
    expect(isMissing(viewOf('cart-1', deleted))).toBe(true);
    const back = streamState(10n, 4n, withTruncateBefore(DELETED_METADATA, 10n));
    expect(isMissing(viewOf('cart-1', back))).toBe(false);
    expect(visibleRange(viewOf('cart-1', back), NOW).from).toBe(10n);
  });

  test('takes its metadata with it under a tombstone', () => {
    const state = streamState(LAST_REVISION, 3n, json({}));
    expect(viewOf('cart-1', state).isTombstoned).toBe(true);
    expect(viewOf('$$cart-1', state).isTombstoned).toBe(true);
  });
});

test('a metadata stream shows only its last event, whatever its own metadata', () => {
  const view = viewOf('$$cart-1', streamState(9n, 5n, json({ $maxCount: 100 })));
  expect(view.revision).toBe(5n);
  expect(visibleRange(view, NOW).from).toBe(5n);
});

test('metadata that are no JSON object say nothing', () => {
  for (const text of ['', 'null', '[]', '7', '{', '"$tb"'])
    expect(parseMetadata(Buffer.from(text))).toEqual({});
});

test('a write to a deleted stream keeps its other metadata', () => {
  const metadata = withTruncateBefore(json({ owner: 'me', $maxCount: 7, $tb: 1 }), 12n);
  expect(JSON.parse(metadata.toString())).toEqual({ owner: 'me', $maxCount: 7, $tb: 12 });
});
