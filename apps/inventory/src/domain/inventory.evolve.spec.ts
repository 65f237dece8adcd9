import { describe, expect, it } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { DAY, moment } from '#libs/testing/moments.js';
import { decideInventory } from './inventory.decide.js';
import { evolveInventory } from './inventory.evolve.js';
import { ended, received, reserved } from './inventory.fixture.js';
import { inventoryClaims } from './inventory.names.js';
import { initialInventory, type InventoryState } from './inventory.state.js';

function stateAfter(...events: InventoryEvent[]): InventoryState {
  return events.reduce(evolveInventory, initialInventory);
}

describe('the ended reservations that an item remembers', () => {
  const sold = (id: number) => [reserved(`r-${id}`, 1), ended('ReservationConfirmed', `r-${id}`, 1)];
  const full = [received(4_000), ...Array.from({ length: 3_000 }, (_, id) => sold(id)).flat()];
  const giveBack = (state: InventoryState, reservationId: string, at: string) =>
    decideInventory({ type: 'ReturnReservation', data: { reservationId }, at }, state);

  it('are the last 3,000 of them', () => {
    const state = stateAfter(...full, ...sold(3_000));
    expect(state.ended).toHaveLength(3_000);
    expect(giveBack(state, 'r-1', moment())).toEqual([ended('ReservationReturned', 'r-1', 1)]);
  });

  it('asks for an unknown one once it forgot any, for being too many or too old', () => {
    const claims = (state: InventoryState, reservationId: string) =>
      inventoryClaims({ type: 'Reserve', data: { reservationId, quantity: 1 }, at: moment() }, state);
    expect(claims(stateAfter(...full), 'r-x')).toEqual([]);
    const overfull = stateAfter(...full, ...sold(3_000));
    expect(claims(overfull, 'r-0')).toEqual(['r-0']);
    expect(claims(overfull, 'r-1')).toEqual([]);
    const later = ended('ReservationReleased', 'new', 1, moment(31 * DAY));
    const aged = stateAfter(received(2), ...sold(0), reserved('new', 1), later);
    expect(claims(aged, 'r-0')).toEqual(['r-0']);
  });

  it('are fewer where their names are long', () => {
    const ownedBy = 's'.repeat(300);
    const long = (id: number) => `${id}-`.padEnd(100, 'x');
    const sagas = Array.from({ length: 1_000 }, (_, id) => [
      reserved(long(id), 1, { ownedBy }),
      ended('ReservationConfirmed', long(id), 1),
    ]);
    const { ended: kept, forgottenUpTo } = stateAfter(received(4_000), ...sagas.flat());
    expect(JSON.stringify(kept).length).toBeLessThan(420_000);
    expect(JSON.stringify(kept).length).toBeGreaterThan(380_000);
    expect(kept.at(-1)).toMatchObject({ reservationId: long(999) });
    expect(forgottenUpTo).toBeDefined();
  });

  it('are known as used when forgotten, unlike others', () => {
    const state = stateAfter(...full, ...sold(3_000));
    const giveBackUsed = (reservationId: string, usedNames: string[]) =>
      decideInventory({ type: 'ReturnReservation', data: { reservationId }, at: moment(), usedNames }, state);
    expect(giveBackUsed('r-0', ['r-0'])).toMatchObject({ code: 'RESERVATION.FORGOTTEN' });
    expect(giveBackUsed('r-x', [])).toMatchObject({ code: 'RESERVATION.NOT_FOUND' });
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
    expect(JSON.stringify(state).length).toBeLessThan(1_250_000);
  });
});

describe('an event of a later version', () => {
  it('changes nothing', () => {
    const unknown = { type: 'StockMoved', data: {} } as unknown as InventoryEvent;
    expect(stateAfter(received(1), unknown)).toEqual(stateAfter(received(1)));
  });
});
