import { describe, expect, it } from '@jest/globals';
import { cartOf, itemsOf, stockFor } from './shelves.js';

const bought = (cds: number, cents: number) => itemsOf({ line: 1, customer: '00207', cds, cents });

describe('the items of a purchase', () => {
  it.each([
    [
      2,
      2_933,
      [
        ['cd-a-7', 1, 1_467],
        ['cd-b-7', 1, 1_466],
      ],
    ],
    [
      3,
      6_334,
      [
        ['cd-a-7', 1, 2_112],
        ['cd-b-7', 2, 2_111],
      ],
    ],
    [2, 2_648, [['cd-b-7', 2, 1_324]]],
    [1, 0, [['cd-b-7', 1, 0]]],
    [
      3,
      2,
      [
        ['cd-a-7', 2, 1],
        ['cd-b-7', 1, 0],
      ],
    ],
  ])('of %d CDs for %d cents cost just that', (cds, cents, expected) => {
    const items = bought(cds, cents);
    expect(items.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual(expected);
    expect(items.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(cds);
    expect(items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)).toBe(cents);
  });
});

describe('the stock', () => {
  it('is more than is sold, on all 200 shelves', () => {
    const purchases = [{ line: 1, customer: '7', cds: 100, cents: 1_000 }];
    const stock = stockFor({ name: 'sample', purchases });
    expect(stock.size).toBe(200);
    expect(stock.get('cd-b-7')).toBe(200);
    expect(stock.get('cd-a-7')).toBe(100);
  });
});

describe('the carts', () => {
  it('stand in a list in the order of the lines', () => {
    const ids = [2, 10, 69_659].map((line) => {
      return cartOf({ name: 'master', purchases: [] }, { line, customer: '1', cds: 1, cents: 1 });
    });
    expect(ids.toSorted()).toEqual(ids);
  });
});
