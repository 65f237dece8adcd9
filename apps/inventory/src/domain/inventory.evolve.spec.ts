import { describe, expect, it } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { DAY, moment } from '#libs/testing/moments.js';
import { decideInventory } from './inventory.decide.js';
import { evolveInventory } from './inventory.evolve.js';
import { ended, received, reserved } from './inventory.fixture.js';
import { initialInventory, type InventoryState } from './inventory.state.js';

function stateAfter(...events: InventoryEvent[]): InventoryState {
  return events.reduce(evolveInventory, initialInventory);
}

describe('what an item remembers of reservations that have ended', () => {
  const sold = (id: number) => [reserved(`r-${id}`, 1), ended('ReservationConfirmed', `r-${id}`, 1)];
  const full = [received(4_000), ...Array.from({ length: 3_000 }, (_, id) => sold(id)).flat()];
  const giveBack = (state: InventoryState, reservationId: string, at: string) =>
    decideInventory({ type: 'ReturnReservation', data: { reservationId }, at }, state);

  it('are the last 3,000 of them', () => {
    const state = stateAfter(...full, ...sold(3_000));
    expect(state.ended).toHaveLength(3_000);
    expect(giveBack(state, 'r-1', moment())).toEqual([ended('ReservationReturned', 'r-1', 1)]);
  });

  it('says of an unknown one that it may be forgotten, while that may be', () => {
    const state = stateAfter(...full, ...sold(3_000));
    expect(giveBack(state, 'r-0', moment())).toMatchObject({ code: 'RESERVATION.FORGOTTEN' });
    expect(giveBack(state, 'r-0', moment(30 * DAY))).toMatchObject({ code: 'RESERVATION.NOT_FOUND' });
  });

  it('is sure of an unknown one while nothing is forgotten', () => {
    expect(giveBack(stateAfter(...full), 'r-x', moment())).toMatchObject({ code: 'RESERVATION.NOT_FOUND' });
  });

  it('stays far below what a workflow may carry, with the longest ids', () => {
    const long = (id: number) => `${id}-`.padEnd(100, 'x');
    const many = (length: number, make: (id: number) => InventoryEvent[]) =>
      Array.from({ length }, (_, id) => make(id)).flat();
    const state = stateAfter(
      received(10_000),
      ...many(3_000, (id) => [reserved(long(id), 1), ended('ReservationConfirmed', long(id), 1)]),
      ...many(2_000, (id) => [reserved(long(id), 1, { expiresAt: moment() })]),
      ...many(1_000, (id) => [
        {
          type: 'ReservationQueued',
          data: {
            reservationId: long(id),
            quantity: 1_000_000_000,
            waitUntil: moment(),
            ttlSeconds: 2_592_000,
            cartId: 'c'.repeat(200),
          },
        },
      ]),
    );
    expect(JSON.stringify(state).length).toBeLessThan(1_600_000);
  });
});

describe('an event of a later version', () => {
  it('changes nothing', () => {
    const unknown = { type: 'StockMoved', data: {} } as unknown as InventoryEvent;
    expect(stateAfter(received(1), unknown)).toEqual(stateAfter(received(1)));
  });
});
