import { expect, it } from '@jest/globals';
import { decideCart } from './cart.decide.js';
import { timing } from './cart.fixture.js';
import { initialCart } from './cart.state.js';

it('takes an id that leaves room for the number of a checkout', () => {
  const create = (length: number) => {
    const entityId = 'c'.repeat(length);
    const at = '2100-01-01T00:00:00.000Z';
    return decideCart({ type: 'Create', data: { customerId: 'alice' }, at, entityId }, initialCart, timing);
  };
  expect(create(80)).toMatchObject([{ type: 'CartCreated' }]);
  expect(create(81)).toMatchObject({ code: 'CART.ID_TOO_LONG' });
});
