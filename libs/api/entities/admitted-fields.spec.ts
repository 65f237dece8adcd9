import { expect, it } from '@jest/globals';
import { cartContract } from '#contracts/cart/cart.contract.js';
import type { Caller } from '#libs/identity/caller.js';
import { admitFields } from './admitted-fields.js';

const { AddItem, RemoveItem } = cartContract.commands;
const item = { sku: 'cd', quantity: 1 };
const priced = { ...item, unitPrice: 0, currency: 'EUR' };
const caller = (roles: readonly string[], kind: Caller['kind'] = 'user'): Caller => {
  return { tenant: 'default', id: 'alice', kind, roles };
};

it.each([
  ['a price from the pricing role', priced, caller(['pricing'])],
  ['a price from anybody while access control is off', priced, caller([], 'anonymous')],
  ['a currency from anybody', { ...item, currency: 'EUR' }, caller([])],
  ['an item without a price from anybody', item, caller(['storefront'])],
])('a cart takes %s', (_, data, of) => {
  expect(() => admitFields(AddItem, data, of)).not.toThrow();
});

it.each([
  ['a customer', caller([])],
  ['a shop', caller(['storefront', 'support'])],
])('a cart lets %s name no price', (_, of) => {
  expect(() => admitFields(AddItem, priced, of)).toThrow(
    expect.objectContaining({
      code: 'ACCESS.DENIED',
      status: 403,
      detail: 'unitPrice is for the role pricing: leave it out',
    }),
  );
});

it('says nothing of commands whose fields are for everybody', () => {
  expect(() => admitFields(RemoveItem, { sku: 'cd' }, caller([]))).not.toThrow();
});
