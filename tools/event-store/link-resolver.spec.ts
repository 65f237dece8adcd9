import { expect, test } from '@jest/globals';
import { linkTargetOf } from './link-resolver.js';
import type { StoredEvent } from './stored-event.js';

const event = (type: string, data: string): StoredEvent => ({
  ...{
    id: '',
    isJson: false,
    metadata: Buffer.alloc(0),
    stream: 's',
    revision: 0n,
    position: 64n,
    created: 0n,
  },
  type,
  data: Buffer.from(data),
});

test.each([
  ['0@cart-1', { revision: 0n, stream: 'cart-1' }],
  ['17@who@example', { revision: 17n, stream: 'who@example' }],
  ['3@two\nlines', { revision: 3n, stream: 'two\nlines' }],
  ['9999999999999999999@beyond', { revision: 2n ** 63n - 1n, stream: 'beyond' }],
])('the link %p leads to an event', (data, target) => {
  expect(linkTargetOf(event('$>', data))).toEqual(target);
});

test.each(['', '@cart-1', '1@', '0@a\0b', 'one@cart-1', '-1@cart-1', 'cart-1'])(
  'the link %p leads nowhere',
  (data) => {
    expect(linkTargetOf(event('$>', data))).toBeUndefined();
  },
);

test('an event of another type is not a link', () => {
  expect(linkTargetOf(event('Linked', '0@cart-1'))).toBeUndefined();
});
