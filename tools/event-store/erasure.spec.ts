import { expect, test } from '@jest/globals';
import { doomedOf } from './erasure.js';
import { DELETED_METADATA } from './stream-metadata.js';
import { LAST_REVISION } from './stored-event.js';
import { streamState, toTicks } from './stream-state.js';

const NOW = Date.UTC(2026, 10, 24);
const metadata = (properties: object) => Buffer.from(JSON.stringify(properties));
const doomed = (stream: string, before: bigint, createdBefore = 0n) => ({ stream, before, createdBefore });

test('what $maxCount and $tb hide is erased, and metadata that were replaced', () => {
  const state = streamState(9n, 4n, metadata({ $maxCount: 3, $tb: 2 }));
  expect(doomedOf('s', state, NOW)).toEqual([doomed('s', 7n), doomed('$$s', 4n)]);
});

test('what is older than $maxAge is erased', () => {
  const state = streamState(9n, 0n, metadata({ $maxAge: 60 }));
  expect(doomedOf('s', state, NOW)).toEqual([doomed('s', 0n, toTicks(NOW - 60_000))]);
});

test('a deleted stream loses all that it holds and keeps what deletes it', () => {
  const state = streamState(9n, 4n, DELETED_METADATA);
  expect(doomedOf('s', state, NOW)).toEqual([doomed('s', 10n), doomed('$$s', 4n)]);
});

test('a tombstone takes all with it but itself', () => {
  const state = streamState(LAST_REVISION, 4n, metadata({}));
  expect(doomedOf('s', state, NOW)).toEqual([doomed('s', LAST_REVISION), doomed('$$s', 5n)]);
});
