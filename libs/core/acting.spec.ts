import { expect, it } from '@jest/globals';
import { onBehalfOfCause } from './acting.js';

const stream = 'checkout-default.c1';

it.each([
  ['a caller', { actor: 'alice' }, 'alice'],
  ['an entity on behalf of a caller', { actor: 'cart-default.c', onBehalfOf: 'alice' }, 'alice'],
  ['itself on behalf of a caller', { actor: stream, onBehalfOf: 'alice' }, 'alice'],
  ['itself', { actor: stream }, undefined],
  ['a deadline', { actor: 'system:deadline' }, undefined],
])('an entity acts on behalf of the one that caused it: %s', (_, cause, onBehalfOf) => {
  expect(onBehalfOfCause(stream, cause).onBehalfOf).toBe(onBehalfOf);
});
