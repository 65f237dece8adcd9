import { describe, expect, it } from '@jest/globals';
import { inventoryContract, type InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { HOUR, moment } from '#libs/testing/moments.js';
import { inventoryDecider } from './inventory.decider.js';
import { discontinued, ended, queued, received, reorderPointSet, reserved } from './inventory.fixture.js';
import { presentInventory } from './inventory.view.js';

function viewAfter(...events: InventoryEvent[]) {
  return presentInventory(events.reduce(inventoryDecider.evolve, inventoryDecider.initialState));
}

describe('the view of an item', () => {
  const waiting = queued('w-1', 5, moment(HOUR), { ttlSeconds: 60, cartId: 'cart-7' });
  const history = [received(9), reserved('r-1', 5, { expiresAt: moment(HOUR) }), reorderPointSet(2), waiting];

  it('shows reserved next to available pieces, and waiting reservations', () => {
    expect(viewAfter(...history)).toEqual({
      status: 'active',
      onHand: 9,
      reserved: 5,
      waitLimit: 1_000,
      available: 4,
      received: 9,
      adjusted: 0,
      sold: 0,
      reorderPoint: 2,
      reservations: [{ reservationId: 'r-1', quantity: 5, expiresAt: moment(HOUR) }],
      waiting: [{ reservationId: 'w-1', quantity: 5, waitUntil: moment(HOUR) }],
    });
  });

  it.each([
    ['active', viewAfter(received(1))],
    ['active', viewAfter(...history)],
    ['discontinued', viewAfter(...history, ended('ReservationConfirmed', 'r-1', 5), discontinued)],
  ])('matches the contract when %s', (status, view) => {
    expect(inventoryContract.view.parse(view)).toEqual(view);
    expect(view.status).toBe(status);
  });
});
