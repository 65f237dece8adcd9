import { expect, test } from '@jest/globals';
import { Bells } from './bell.js';

const settled = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

test('rings for listeners to the stream, and for listeners to any stream', async () => {
  const bells = new Bells();
  const [one, other, any] = [bells.add('one'), bells.add('other'), bells.add(undefined)];
  bells.ring(['one']);
  expect(await settled(one.next())).toBe(true);
  expect(await settled(any.next())).toBe(true);
  expect(await settled(other.next())).toBe(false);
});

test('a ring while nothing waited is received once', async () => {
  const bells = new Bells();
  const bell = bells.add('one');
  bells.ring(['one']);
  bells.ring(['one']);
  expect(await settled(bell.next())).toBe(true);
  const waiting = bell.next();
  expect(await settled(waiting)).toBe(false);
  bells.ringAll();
  expect(await settled(waiting)).toBe(true);
});

test('a closed bell stays silent', async () => {
  const bells = new Bells();
  const bell = bells.add('one');
  bells.remove('one', bell);
  bells.ring(['one']);
  bells.ringAll();
  expect(await settled(bell.next())).toBe(false);
});
