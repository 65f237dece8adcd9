import { describe, expect, test } from '@jest/globals';
import type { PriceEvent } from '#contracts/price/price.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { began, planned, priceEnded, priceOf, priceSet, priceWithdrawn } from '../../domain/price.fixture.js';
import { pricesView } from './prices.projection.js';

const inAnHour = moment(HOUR);
const tomorrow = moment(DAY);

function rowsOf(...events: PriceEvent[]) {
  return foldView(pricesView, events).rows.prices;
}

describe('the list of prices', () => {
  const row = { tenant: 'default', sku: 'alice', currency: 'USD', unitPrice: 999 };

  test('shows a price that was set', () => {
    expect(rowsOf(priceSet(999, { validUntil: tomorrow }))).toEqual([
      {
        ...row,
        status: 'valid',
        validFrom: moment(),
        validUntil: tomorrow,
        endedAt: null,
        revision: 0,
        updatedAt: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  test.each([
    ['set at once', priceSet(799, {}, inAnHour)],
    ['begun', began(799, inAnHour)],
  ])('shows the one that was replaced, and when, by one that was %s', (_, event) => {
    expect(rowsOf(priceSet(999), event).slice(1)).toMatchObject([
      { ...row, status: 'replaced', validFrom: moment(), endedAt: inAnHour },
      { unitPrice: 799, status: 'valid', validFrom: inAnHour, endedAt: null },
    ]);
  });

  test('shows only the last of those that were set at the same time', () => {
    expect(rowsOf(priceSet(999), priceSet(799)).slice(1)).toMatchObject([
      { unitPrice: 799, status: 'valid' },
    ]);
  });

  test('shows prices in other currencies as they were', () => {
    expect(rowsOf(priceSet(999), priceSet(899, { currency: 'EUR' }, inAnHour)).slice(1)).toMatchObject([
      { currency: 'EUR', status: 'valid' },
    ]);
  });

  test('shows a planned price, and that it was withdrawn', () => {
    const [first, second] = rowsOf(planned(999, tomorrow), priceWithdrawn(priceOf(999, tomorrow), inAnHour));
    expect(first).toMatchObject({ ...row, status: 'planned', validFrom: tomorrow, endedAt: null });
    expect(second).toMatchObject({ ...row, status: 'withdrawn', validFrom: tomorrow, endedAt: inAnHour });
  });

  test('shows a price that ended', () => {
    const until = { validUntil: inAnHour };
    expect(rowsOf(priceSet(999, until), priceEnded(priceOf(999, moment(), until))).at(-1)).toMatchObject({
      ...row,
      status: 'ended',
      endedAt: inAnHour,
    });
  });

  test('ignores events of a later version', () => {
    expect(rowsOf({ type: 'PriceRounded', data: {} } as unknown as PriceEvent)).toEqual([]);
  });
});
