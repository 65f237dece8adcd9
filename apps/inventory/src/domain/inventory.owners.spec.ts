import { describe, expect, it } from '@jest/globals';
import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { isRejection } from '#libs/core/rejection.js';
import { moment } from '#libs/testing/moments.js';
import { inventoryDecider } from './inventory.decider.js';
import {
  initialInventory,
  type InventoryState,
  MAX_ENDED,
  MAX_OPEN_RESERVATIONS,
} from './inventory.state.js';

type Told = Pick<InventoryCommand, 'sender' | 'endedOwners'> & { readonly at?: string };

const at = moment();
const sagaOf = (name: string) => `checkout-default.${name}`;

/** An item that receives one command after the other. */
class Item {
  state: InventoryState = initialInventory;

  tell(type: string, data: object, told: Told = {}): string {
    const command = { type, data, at, ...told } as unknown as InventoryCommand;
    const decided = inventoryDecider.decide(command, this.state);
    if (isRejection(decided)) return decided.code;
    for (const event of decided) this.see(event);
    return decided.map((event) => event.type).join(' ');
  }

  see(event: InventoryEvent): void {
    this.state = inventoryDecider.evolve(this.state, event);
  }

  /** The sagas whose state the item has to know before it can decide. */
  owners(type: string, data: object, told: Told = {}): readonly string[] {
    const command = { type, data, at, ...told } as unknown as InventoryCommand;
    return inventoryDecider.owners?.(command, this.state) ?? [];
  }

  buy(name: string): void {
    const sender = sagaOf(name);
    this.tell('Reserve', { reservationId: name, quantity: 1 }, { sender });
    this.tell('ConfirmReservation', { reservationId: name }, { sender });
  }
}

function stocked(): Item {
  const item = new Item();
  item.tell('Receive', { quantity: 10_000 });
  return item;
}

/** More reservations of others than an item remembers. */
function busy(item: Item): void {
  const ended = { quantity: 1, endedAt: at };
  for (let count = 0; count <= MAX_ENDED; count += 1) {
    const reservationId = `other-${count}`;
    item.see({ type: 'StockReserved', data: { reservationId, quantity: 1 } });
    item.see({ type: 'ReservationReleased', data: { reservationId, ...ended } });
  }
}

const ofBought = { reservationId: 'bought' };
const sender = sagaOf('bought');

describe('what a saga has bought', () => {
  it('can be returned by the saga while it runs, however many others have ended since', () => {
    const item = stocked();
    item.buy('bought');
    busy(item);
    expect(item.tell('ReturnReservation', ofBought, { sender })).toBe('ReservationReturned');
    expect(item.state).toMatchObject({ onHand: 10_000, sold: 0, owned: [] });
    expect(item.tell('ReturnReservation', ofBought, { sender })).toBe('RESERVATION.RETURNED');
  });

  it('can be returned by anybody, once, after the saga has ended', () => {
    const item = stocked();
    item.buy('bought');
    expect(item.owners('ReturnReservation', ofBought)).toEqual([sender]);
    expect(item.owners('ReturnReservation', ofBought, { sender })).toEqual([]);
    expect(item.tell('ReturnReservation', ofBought)).toBe('RESERVATION.OWNED');
    const endedOwners = [sender];
    expect(item.tell('ReturnReservation', ofBought, { endedOwners })).toBe('ReservationReturned');
    expect(item.tell('ReturnReservation', ofBought, { endedOwners })).toBe('RESERVATION.RETURNED');
    expect(item.state).toMatchObject({ onHand: 10_000, sold: 0 });
  });

  it('is kept within a bound, and is let go of when its saga has ended', () => {
    const item = stocked();
    for (let count = 0; count < MAX_OPEN_RESERVATIONS; count += 1) item.buy(`b-${count}`);
    const next = { reservationId: 'next', quantity: 1 };
    expect(item.tell('Reserve', next)).toBe('RESERVATION.LIMIT');
    const endedOwners = item.owners('Reserve', next);
    expect(endedOwners).toHaveLength(250);
    expect(item.tell('Reserve', next, { endedOwners })).toBe('ReservationsSettled StockReserved');
    expect(item.state.owned).toHaveLength(MAX_OPEN_RESERVATIONS - 250);
    // From now on they are remembered like any other.
    const [settled = ''] = endedOwners.map((stream) => stream.slice(sagaOf('').length));
    expect(item.tell('ReturnReservation', { reservationId: settled })).toBe('ReservationReturned');
  });

  it('does not ask whether sagas have ended while few are kept', () => {
    const item = stocked();
    for (let count = 0; count < 999; count += 1) item.buy(`b-${count}`);
    const ofOwn = { sender: sagaOf('own') };
    expect(item.owners('ConfirmReservation', { reservationId: 'own' }, ofOwn)).toEqual([]);
    item.buy('b-999');
    expect(item.owners('ConfirmReservation', { reservationId: 'own' }, ofOwn)).toHaveLength(250);
    expect(item.owners('Reserve', { reservationId: 'own', quantity: 1 }, ofOwn)).toEqual([]);
  });
});

describe('what a saga has reserved', () => {
  it('is released by anybody after the saga has ended', () => {
    const item = stocked();
    item.tell('Reserve', { ...ofBought, quantity: 1 }, { sender });
    expect(item.tell('ReleaseReservation', ofBought)).toBe('RESERVATION.OWNED');
    expect(item.owners('ReleaseReservation', ofBought)).toEqual([sender]);
    expect(item.tell('ReleaseReservation', ofBought, { endedOwners: [sender] })).toBe('ReservationReleased');
  });
});
