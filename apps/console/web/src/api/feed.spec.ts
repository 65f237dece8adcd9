import { expect, it } from '@jest/globals';
import { parseFrame } from './feed.js';

it('a frame of a feed has an id, a type and data', () => {
  expect(parseFrame('id: 7\nevent: HoldPlaced\ndata: {"a":\ndata: 1}')).toEqual({
    id: '7',
    event: 'HoldPlaced',
    data: { a: 1 },
  });
});

it('a comment with an id moves the position, and is no event', () => {
  expect(parseFrame(': idle\nid: 9')).toEqual({ id: '9', event: 'message', data: undefined });
});
