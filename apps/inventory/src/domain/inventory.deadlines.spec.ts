import { describe, expect, it } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { DAY, HOUR, MINUTE, moment } from '#libs/testing/moments.js';
import { inventoryDeadline } from './inventory.deadlines.js';
import { inventoryDecider } from './inventory.decider.js';
import { discontinued, ended, queued, received, reserved } from './inventory.fixture.js';

function deadlineAfter(...events: InventoryEvent[]) {
  return inventoryDeadline(events.reduce(inventoryDecider.evolve, inventoryDecider.initialState));
}

describe('the deadline of an item', () => {
  const soon = reserved('r-soon', 1, { expiresAt: moment(MINUTE) });
  const late = reserved('r-late', 1, { expiresAt: moment(DAY) });

  it('is absent where nothing expires', () => {
    expect(deadlineAfter()).toBeUndefined();
    expect(deadlineAfter(received(5), reserved('r-1', 1))).toBeUndefined();
  });

  it('is the earliest end of a reservation', () => {
    const first = {
      at: moment(MINUTE),
      subject: 'r-soon',
      command: { type: 'ExpireReservation', data: { reservationId: 'r-soon' } },
    };
    expect(deadlineAfter(received(5), late, reserved('r-1', 1), soon)).toEqual(first);
    expect(deadlineAfter(received(5), soon, late)).toEqual(first);
  });

  it('is the end of a wait when that is earlier', () => {
    expect(deadlineAfter(received(1), late, queued('w-1', 2, moment(HOUR)))).toEqual({
      at: moment(HOUR),
      subject: 'w-1',
      command: { type: 'ExpireWait', data: { reservationId: 'w-1' } },
    });
  });

  it('is now while the line was served in part only', () => {
    const line = ['w-1', 'w-2'].map((id) => queued(id, 1, moment(HOUR)));
    const served = reserved('w-1', 1, { servedAt: moment(MINUTE) });
    expect(deadlineAfter(received(1), late, ...line, received(2), served)).toEqual({
      at: moment(MINUTE),
      subject: 'w-2',
      command: { type: 'ServeWaitlist', data: {} },
    });
    expect(deadlineAfter(received(1), late, ...line, received(1), served)?.command.type).toBe('ExpireWait');
  });

  it('is now while the line was declined in part only', () => {
    const line = ['w-1', 'w-2'].map((id) => queued(id, 1, moment(HOUR)));
    const declined = ended('WaitDeclined', 'w-1', 1, moment(MINUTE));
    expect(deadlineAfter(received(1), late, ...line, discontinued, declined)?.command.type).toBe(
      'ServeWaitlist',
    );
  });
});
