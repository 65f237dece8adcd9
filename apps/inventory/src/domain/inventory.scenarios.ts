import { describe, expect } from '@jest/globals';
import { inventoryContract, type InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { DAY, HOUR, MINUTE, moment, SECOND } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  adjusted,
  adjustmentApproved,
  adjustmentRefused,
  adjustmentRequested,
  backInStock,
  contentHash,
  discontinued,
  ended,
  limitRemoved,
  limitSet,
  lowStock,
  queued,
  received,
  reorderPointSet,
  reserved,
  waitLimitSet,
} from './inventory.fixture.js';

/**
 * The end of a reservation, with the time at which a stage handles a deadline from long before its
 * command.
 */
function sometime(event: InventoryEvent): InventoryEvent {
  return { ...event, data: { ...event.data, endedAt: expect.any(String) } } as unknown as InventoryEvent;
}

/** A request whose approval has an id and a hash that depend on the item and the command. */
function anyOf(event: InventoryEvent): InventoryEvent {
  const data = { ...event.data, approvalId: expect.any(String), contentHash: expect.any(String) };
  return { ...event, data } as unknown as InventoryEvent;
}

/** Every rule of an item, as scenarios that any stage can run. */
export function inventoryScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, inventoryContract);

  const receive = (quantity: number) => command('Receive', { quantity });
  const adjust = (by: number) => command('Adjust', { by, reason: 'counted' });
  const reserve = (reservationId: string, quantity: number, more: object = {}, at?: string) =>
    command('Reserve', { reservationId, quantity, ...more }, at);
  const extend = (reservationId: string, ttlSeconds: number, at?: string) =>
    command('ExtendReservation', { reservationId, ttlSeconds }, at);
  const confirm = (reservationId: string, at?: string) =>
    command('ConfirmReservation', { reservationId }, at);
  const release = (reservationId: string, at?: string) =>
    command('ReleaseReservation', { reservationId }, at);
  const giveBack = (reservationId: string, at?: string) =>
    command('ReturnReservation', { reservationId }, at);
  const cancelWait = (reservationId: string, at?: string) => command('CancelWait', { reservationId }, at);
  const declineWait = (reservationId: string) =>
    command('DeclineWait', { reservationId, reason: 'holds everybody up' });
  const limitWaits = (pieces: number) => command('SetWaitLimit', { pieces });
  const expire = (reservationId: string, at?: string) => command('ExpireReservation', { reservationId }, at);
  const expireWait = (reservationId: string, at?: string) => command('ExpireWait', { reservationId }, at);
  const reorderAt = (reorderPoint: number) => command('SetReorderPoint', { reorderPoint });
  const discontinue = command('Discontinue', { reason: 'no maker' });
  const serve = command('ServeWaitlist', {});
  const setLimit = (pieces: number, more: object = {}) =>
    command('SetApprovalLimit', {
      ...{ pieces, candidates: ['role:supervisor'], needed: 1, withinSeconds: 3 * DAY },
      ...more,
    });
  const removeLimit = command('RemoveApprovalLimit', {});
  const answer = (outcome: 'approved' | 'refused' | 'withdrawn', more: object = {}) => ({
    ...command('RecordApproval', { outcome, approval: { id: 'a-1', contentHash, by: ['tom'], ...more } }),
    sender: 'approval-default.a-1',
  });
  const dropped = command('DropRequest', {
    ...{ key: 'request:a-1', status: 'refused', attempts: 1, echo: 'a-1' },
    ...{ code: 'APPROVAL.TOO_FEW_CANDIDATES', detail: 'nobody' },
  });

  const tomorrow = moment(DAY);
  const wait = { waitUntil: tomorrow };

  describe('when never received', () => {
    it('is received', () => given().when(receive(5)).then(received(5)));

    it.each([
      adjust(1),
      reserve('r-1', 1),
      reserve('r-1', 1, wait),
      extend('r-1', 1),
      confirm('r-1'),
      release('r-1'),
      giveBack('r-1'),
      cancelWait('r-1'),
      declineWait('r-1'),
      limitWaits(1),
      expire('r-1'),
      expireWait('r-1'),
      reorderAt(1),
      discontinue,
      serve,
      setLimit(1),
      removeLimit,
      answer('approved'),
      dropped,
    ])('knows no $type', (command) => given().when(command).thenRejected('STOCK.NOT_FOUND'));
  });

  describe('when on hand', () => {
    it('is received again, with a reference', () =>
      given(received(5))
        .when(command('Receive', { quantity: 3, reference: 'delivery 7' }))
        .then({ type: 'StockReceived', data: { quantity: 3, reference: 'delivery 7' } }));

    it('holds 10^12 pieces and no more', async () => {
      const full = Array.from({ length: 999 }, () => received(1_000_000_000));
      await given(...full)
        .when(receive(1_000_000_000))
        .then(received(1_000_000_000));
      await given(...full, received(1))
        .when(receive(1_000_000_000))
        .thenRejected('STOCK.LIMIT');
      await given(...full, received(1))
        .when(adjust(1_000_000_000))
        .thenRejected('STOCK.LIMIT');
    });

    it.each([2, -5])('is corrected by %d', (by) => given(received(5)).when(adjust(by)).then(adjusted(by)));

    it('is not corrected below nothing', () =>
      given(received(5)).when(adjust(-6)).thenRejected('STOCK.RESERVED'));

    it('is not corrected below what is reserved', () =>
      given(received(5), reserved('r-1', 3)).when(adjust(-3)).thenRejected('STOCK.RESERVED'));

    it('has nobody to serve', () => given(received(5)).when(serve).thenRejected('WAITLIST.NONE_TO_SERVE'));
  });

  describe('when reserved', () => {
    const twoLeft = [received(5), reserved('r-1', 3)] as const;

    it('sets all available pieces aside', () =>
      given(...twoLeft)
        .when(reserve('r-2', 2, { cartId: 'cart-7' }))
        .then(reserved('r-2', 2, { cartId: 'cart-7' })));

    it('sets no part aside when not all are there', () =>
      given(...twoLeft)
        .when(reserve('r-2', 3))
        .thenRejected('STOCK.INSUFFICIENT'));

    it('uses the id of an open reservation once', () =>
      given(...twoLeft)
        .when(reserve('r-1', 1))
        .thenRejected('RESERVATION.ID_USED'));

    it('goes out when confirmed, and is never there twice', async () => {
      const confirmed = ended('ReservationConfirmed', 'r-1', 3);
      await given(...twoLeft)
        .when(confirm('r-1'))
        .then(confirmed);
      await given(...twoLeft, confirmed)
        .when(reserve('r-2', 3))
        .thenRejected('STOCK.INSUFFICIENT');
      await given(...twoLeft, confirmed)
        .when(adjust(-3))
        .thenRejected('STOCK.RESERVED');
    });

    it('is available again when released', async () => {
      const released = ended('ReservationReleased', 'r-1', 3);
      await given(...twoLeft)
        .when(release('r-1'))
        .then(released);
      await given(...twoLeft, released)
        .when(reserve('r-2', 5))
        .then(reserved('r-2', 5));
    });

    it('is on hand again when returned', async () => {
      const returned = ended('ReservationReturned', 'r-1', 3);
      const confirmed = ended('ReservationConfirmed', 'r-1', 3);
      await given(...twoLeft, confirmed)
        .when(giveBack('r-1'))
        .then(returned);
      await given(...twoLeft, confirmed, returned)
        .when(reserve('r-2', 5))
        .then(reserved('r-2', 5));
    });

    it('returns nothing that is still open', () =>
      given(...twoLeft)
        .when(giveBack('r-1'))
        .thenRejected('RESERVATION.NOT_CONFIRMED'));

    it.each([
      confirm('r-9'),
      release('r-9'),
      giveBack('r-9'),
      extend('r-9', 1),
      expire('r-9'),
      cancelWait('r-9'),
    ])('knows no reservation to $type', (command) =>
      given(...twoLeft)
        .when(command)
        .thenRejected('RESERVATION.NOT_FOUND'),
    );

    it.each([
      ['RESERVATION.CONFIRMED', [ended('ReservationConfirmed', 'r-1', 3)]],
      ['RESERVATION.RELEASED', [ended('ReservationReleased', 'r-1', 3)]],
      ['RESERVATION.EXPIRED', [ended('ReservationExpired', 'r-1', 3)]],
      [
        'RESERVATION.RETURNED',
        [ended('ReservationConfirmed', 'r-1', 3), ended('ReservationReturned', 'r-1', 3)],
      ],
    ] as const)('ends once, and says how: %s', async (code, end) => {
      for (const again of [
        confirm('r-1'),
        release('r-1'),
        expire('r-1'),
        extend('r-1', 60),
        cancelWait('r-1'),
      ]) {
        await given(...twoLeft, ...end)
          .when(again)
          .thenRejected(code);
      }
      if (code !== 'RESERVATION.CONFIRMED') {
        await given(...twoLeft, ...end)
          .when(giveBack('r-1'))
          .thenRejected(code);
      }
      await given(...twoLeft, ...end)
        .when(reserve('r-1', 1))
        .thenRejected('RESERVATION.ID_USED');
    });

    it('remembers for 30 days how one ended, and for ever that there was one', async () => {
      const later = (days: number) => ended('ReservationReleased', 'r-2', 1, moment(days * DAY));
      const history = [...twoLeft, reserved('r-2', 1), ended('ReservationConfirmed', 'r-1', 3)] as const;
      await given(...history, later(29.9))
        .when(giveBack('r-1', moment(29.9 * DAY)))
        .then(ended('ReservationReturned', 'r-1', 3, moment(29.9 * DAY)));
      await given(...history, later(30))
        .when(giveBack('r-1', moment(30 * DAY)))
        .thenRejected('RESERVATION.FORGOTTEN');
    });

    it('has room for 2,000 open reservations', async () => {
      const open = Array.from({ length: 2_000 }, (_, index) => reserved(`r-${index}`, 1));
      await given(received(3_000), ...open.slice(1))
        .when(reserve('one-more', 1))
        .then(reserved('one-more', 1));
      await given(received(3_000), ...open)
        .when(reserve('one-more', 1))
        .thenRejected('RESERVATION.LIMIT');
    });
  });

  describe('when a reservation has a time to live', () => {
    const inAnHour = moment(HOUR);
    const forAnHour = [received(5), reserved('r-1', 5, { expiresAt: inAnHour })] as const;
    const expired = ended('ReservationExpired', 'r-1', 5, inAnHour);

    it.each([1, 30 * 24 * 60 * 60])('ends after %d s', (ttlSeconds) =>
      given(received(5))
        .when(reserve('r-1', 5, { ttlSeconds }))
        .then(reserved('r-1', 5, { expiresAt: moment(ttlSeconds) })),
    );

    it('is confirmed before its end', () =>
      given(...forAnHour)
        .when(confirm('r-1', moment(HOUR - 0.001)))
        .then(ended('ReservationConfirmed', 'r-1', 5, moment(HOUR - 0.001))));

    it('is not confirmed at its end: it expires first', () =>
      given(...forAnHour)
        .when(confirm('r-1', inAnHour))
        .thenRejected('RESERVATION.EXPIRED', expired, backInStock(5)));

    it('frees its pieces for others at its end', () =>
      given(...forAnHour)
        .when(reserve('r-2', 5, {}, inAnHour))
        .then(expired, backInStock(5), reserved('r-2', 5)));

    it('is extended, from now on', () =>
      given(...forAnHour)
        .when(extend('r-1', HOUR, moment(MINUTE)))
        .then({
          type: 'ReservationExtended',
          data: { reservationId: 'r-1', expiresAt: moment(HOUR + MINUTE) },
        }));

    it.each([HOUR, HOUR - 1])('is never made shorter or left as it is: %d s', (ttlSeconds) =>
      given(...forAnHour)
        .when(extend('r-1', ttlSeconds))
        .thenRejected('RESERVATION.NOT_LONGER'),
    );

    it('cannot be extended where it has no end', () =>
      given(received(5), reserved('r-1', 5))
        .when(extend('r-1', HOUR))
        .thenRejected('RESERVATION.NOT_LONGER'));

    it('cannot be extended when it has ended', () =>
      given(...forAnHour)
        .when(extend('r-1', HOUR, inAnHour))
        .thenRejected('RESERVATION.EXPIRED', expired, backInStock(5)));

    it('lives on when it was extended', () =>
      given(...forAnHour, {
        type: 'ReservationExtended',
        data: { reservationId: 'r-1', expiresAt: moment(2 * HOUR) },
      })
        .when(confirm('r-1', inAnHour))
        .then(ended('ReservationConfirmed', 'r-1', 5, inAnHour)));

    it('does not expire early, or where it has no end', async () => {
      await given(...forAnHour)
        .when(expire('r-1', moment(HOUR - 0.001)))
        .thenRejected('RESERVATION.NOT_DUE');
      await given(received(5), reserved('r-1', 5))
        .when(expire('r-1', moment(3_650 * DAY)))
        .thenRejected('RESERVATION.NOT_DUE');
    });

    it('ends before others whose time comes later', () =>
      given(...forAnHour, received(2), reserved('r-2', 2, { expiresAt: moment(MINUTE) }))
        .when({ ...receive(1), at: moment(2 * HOUR) })
        .then(
          sometime(ended('ReservationExpired', 'r-2', 2)),
          backInStock(2),
          sometime(expired),
          received(1),
        ));
  });

  describe('when a reservation ended more than 30 days ago', () => {
    const history = [
      received(5),
      reserved('r-1', 1),
      ended('ReservationReleased', 'r-1', 1, moment(-40 * DAY)),
      reserved('r-2', 1),
      ended('ReservationReleased', 'r-2', 1, moment(-1 * DAY)),
    ];

    it('is not made again', () =>
      given(...history)
        .when(reserve('r-1', 1))
        .thenRejected('RESERVATION.ID_USED'));

    it('is known to have been', async () => {
      for (const late of [confirm('r-1'), release('r-1'), giveBack('r-1'), cancelWait('r-1')]) {
        await given(...history)
          .when(late)
          .thenRejected('RESERVATION.FORGOTTEN');
      }
    });

    it('is distinguished from one that never existed', () =>
      given(...history)
        .when(release('r-9'))
        .thenRejected('RESERVATION.NOT_FOUND'));
  });

  describe('when a saga has reserved some', () => {
    const sender = 'checkout-default.c-1:checkout-1';
    const owned = { ownedBy: sender };
    const withReservation = [received(5), reserved('s-1', 3, owned)];
    const confirmed = ended('ReservationConfirmed', 's-1', 3);

    it('knows whose reservation it is, also one in line', async () => {
      await given(received(5))
        .when({ ...reserve('s-1', 3), sender })
        .then(reserved('s-1', 3, owned));
      await given(received(5))
        .when({ ...reserve('s-1', 6, wait), sender })
        .then(queued('s-1', 6, tomorrow, owned));
      await given(received(5), queued('s-1', 6, tomorrow, owned))
        .when(receive(1))
        .then(received(1), reserved('s-1', 6, { ...owned, servedAt: moment() }));
    });

    it('is not changed by anybody else', async () => {
      for (const change of [confirm('s-1'), release('s-1'), extend('s-1', 60)]) {
        await given(...withReservation)
          .when(change)
          .thenRejected('RESERVATION.OWNED');
      }
      await given(...withReservation, confirmed)
        .when(giveBack('s-1'))
        .thenRejected('RESERVATION.OWNED');
      await given(received(5), queued('s-1', 6, tomorrow, owned))
        .when(cancelWait('s-1'))
        .thenRejected('RESERVATION.OWNED');
    });

    it('is ended by its saga', async () => {
      const data = { reservationId: 's-1', quantity: 3, endedAt: moment(), ...owned };
      const kept = { type: 'ReservationConfirmed', data } as const;
      await given(...withReservation)
        .when({ ...confirm('s-1'), sender })
        .then(kept);
      await given(...withReservation, kept)
        .when(giveBack('s-1'))
        .thenRejected('RESERVATION.OWNED');
      await given(...withReservation, kept)
        .when({ ...giveBack('s-1'), sender })
        .then(ended('ReservationReturned', 's-1', 3));
      await given(...withReservation)
        .when({ ...release('s-1'), sender })
        .then(ended('ReservationReleased', 's-1', 3));
    });
  });

  describe('when others wait', () => {
    const soldOut = [received(5), reserved('r-1', 5)] as const;
    const inLine = [...soldOut, queued('w-1', 3, tomorrow), queued('w-2', 1, tomorrow)] as const;
    const served = (reservationId: string, quantity: number, more: object = {}) =>
      reserved(reservationId, quantity, { servedAt: moment(), ...more });

    it('lets one wait that cannot be served', () =>
      given(...soldOut)
        .when(reserve('w-1', 3, { ...wait, ttlSeconds: 60, cartId: 'cart-7' }))
        .then(queued('w-1', 3, tomorrow, { ttlSeconds: 60, cartId: 'cart-7' })));

    it('lets nobody wait for available pieces', () =>
      given(received(5))
        .when(reserve('r-1', 5, { ...wait, ttlSeconds: 60 }))
        .then(reserved('r-1', 5, { expiresAt: moment(60) })));

    it.each([moment(0.001), moment(30 * DAY)])('lets one wait up to 30 days: %s', (waitUntil) =>
      given(...soldOut)
        .when(reserve('w-1', 1, { waitUntil }))
        .then(queued('w-1', 1, waitUntil)),
    );

    it.each([moment(), moment(-SECOND), moment(30 * DAY + 0.001)])(
      'lets nobody wait until a moment that has passed or is over 30 days away: %s',
      (waitUntil) =>
        given(...soldOut)
          .when(reserve('w-1', 1, { waitUntil }))
          .thenRejected('WAIT.DEADLINE_INVALID'),
    );

    it('lets one wait for 1,000 pieces at most', async () => {
      await given(...soldOut)
        .when(reserve('w-1', 1_000, wait))
        .then(queued('w-1', 1_000, tomorrow));
      await given(...soldOut)
        .when(reserve('w-1', 1_001, wait))
        .thenRejected('WAIT.OVER_LIMIT');
    });

    it('lets one wait for as many pieces as an operator says', async () => {
      await given(...soldOut)
        .when(limitWaits(2))
        .then(waitLimitSet(2));
      await given(...soldOut, waitLimitSet(2))
        .when(limitWaits(2))
        .thenRejected('WAIT_LIMIT.SAME');
      await given(...soldOut, waitLimitSet(2))
        .when(reserve('w-1', 3, wait))
        .thenRejected('WAIT.OVER_LIMIT');
      await given(...soldOut, waitLimitSet(0))
        .when(reserve('w-1', 1, wait))
        .thenRejected('WAIT.OVER_LIMIT');
      await given(...soldOut, waitLimitSet(5_000))
        .when(reserve('w-1', 5_000, wait))
        .then(queued('w-1', 5_000, tomorrow));
      await given(received(5), waitLimitSet(2))
        .when(reserve('r-1', 3, wait))
        .then(reserved('r-1', 3));
    });

    it('keeps those in line whom a lower limit would not let in', () =>
      given(...inLine, waitLimitSet(2))
        .when(receive(3))
        .then(received(3), served('w-1', 3)));

    it('declines whomever an operator names, and serves the next', async () => {
      const declined = {
        type: 'WaitDeclined' as const,
        data: { reservationId: 'w-1', quantity: 3, endedAt: moment(), reason: 'holds everybody up' },
      };
      await given(...inLine, received(2))
        .when(declineWait('w-1'))
        .then(declined, served('w-2', 1), backInStock(1));
      await given(...soldOut, queued('w-1', 3, tomorrow, { ownedBy: 'checkout-default.c-1' }))
        .when(declineWait('w-1'))
        .then(declined);
      await given(...inLine, declined)
        .when(declineWait('w-1'))
        .thenRejected('WAIT.ENDED');
      await given(...inLine)
        .when(declineWait('r-1'))
        .thenRejected('WAIT.NOT_WAITING');
      await given(...inLine)
        .when(declineWait('w-9'))
        .thenRejected('RESERVATION.NOT_FOUND');
    });

    it('serves the first in line first', () =>
      given(...inLine)
        .when(receive(3))
        .then(received(3), served('w-1', 3)));

    it('serves as many as the stock goes for', () =>
      given(...inLine)
        .when(receive(4))
        .then(received(4), served('w-1', 3), served('w-2', 1)));

    it('skips nobody, even when the next one could be served', () =>
      given(...inLine)
        .when(receive(2))
        .then(received(2)));

    it('lets nobody pass the line', async () => {
      await given(...inLine, received(2))
        .when(reserve('r-2', 1))
        .thenRejected('STOCK.AWAITED');
      await given(...inLine, received(2))
        .when(reserve('w-3', 1, wait))
        .then(queued('w-3', 1, tomorrow));
    });

    it('counts the time to live from the moment of service', () =>
      given(...soldOut, queued('w-1', 3, tomorrow, { ttlSeconds: 60, cartId: 'cart-7' }))
        .when({ ...adjust(3), at: moment(HOUR) })
        .then(
          adjusted(3),
          reserved('w-1', 3, {
            expiresAt: moment(HOUR + 60),
            cartId: 'cart-7',
            servedAt: moment(HOUR),
          }),
        ));

    it('serves the line with what is released, returned or expires', async () => {
      await given(...inLine)
        .when(release('r-1'))
        .then(ended('ReservationReleased', 'r-1', 5), served('w-1', 3), served('w-2', 1), backInStock(1));
      await given(...inLine, ended('ReservationConfirmed', 'r-1', 5))
        .when(giveBack('r-1'))
        .then(ended('ReservationReturned', 'r-1', 5), served('w-1', 3), served('w-2', 1), backInStock(1));
      const soon = moment(MINUTE);
      await given(received(5), reserved('r-1', 5, { expiresAt: soon }), queued('w-1', 5, tomorrow))
        .when(confirm('w-1', soon))
        .then(
          ended('ReservationExpired', 'r-1', 5, soon),
          reserved('w-1', 5, { servedAt: soon }),
          ended('ReservationConfirmed', 'w-1', 5, soon),
        );
    });

    it('serves the next when the first leaves the line', () =>
      given(...inLine, received(2))
        .when(cancelWait('w-1'))
        .then(ended('WaitCancelled', 'w-1', 3), served('w-2', 1), backInStock(1)));

    it('serves the next when the first has waited in vain', () =>
      given(...soldOut, queued('w-1', 3, moment(HOUR)), queued('w-2', 1, tomorrow), received(1))
        .when(confirm('w-2', moment(HOUR)))
        .then(
          ended('WaitExpired', 'w-1', 3, moment(HOUR)),
          reserved('w-2', 1, { servedAt: moment(HOUR) }),
          ended('ReservationConfirmed', 'w-2', 1, moment(HOUR)),
        ));

    it('ends a wait once', async () => {
      const left = [...inLine, ended('WaitCancelled', 'w-1', 3)] as const;
      for (const again of [cancelWait('w-1'), expireWait('w-1'), confirm('w-1'), release('w-1')]) {
        await given(...left)
          .when(again)
          .thenRejected('WAIT.ENDED');
      }
      await given(...left)
        .when(reserve('w-1', 1, wait))
        .thenRejected('RESERVATION.ID_USED');
    });

    it.each([confirm('w-1'), release('w-1'), giveBack('w-1'), extend('w-1', 60), expire('w-1')])(
      'has nothing to $type while it waits',
      (command) =>
        given(...inLine)
          .when(command)
          .thenRejected('RESERVATION.WAITING'),
    );

    it('does not wait any more once served', async () => {
      await given(...soldOut)
        .when(cancelWait('r-1'))
        .thenRejected('WAIT.NOT_WAITING');
      await given(...inLine)
        .when(expireWait('w-1'))
        .thenRejected('WAIT.NOT_DUE');
    });

    it('has room for 1,000 in line, and serves them all', async () => {
      const line = Array.from({ length: 1_000 }, (_, index) => queued(`w-${index}`, 1, tomorrow));
      await given(...soldOut, ...line.slice(1))
        .when(reserve('one-more', 1, wait))
        .then(queued('one-more', 1, tomorrow));
      await given(...soldOut, ...line)
        .when(reserve('one-more', 1, wait))
        .thenRejected('WAITLIST.FULL');
      const first = line.slice(0, 200).map((_, index) => served(`w-${index}`, 1));
      await given(...soldOut, ...line)
        .when(receive(1_000))
        .then(received(1_000), ...first);
      const rest = line.slice(200).map((_, index) => served(`w-${index + 200}`, 1));
      await given(...soldOut, ...line, received(1_000), ...first)
        .when(receive(1))
        .then(...rest, received(1), backInStock(1));
    });
  });

  describe('when stock runs low', () => {
    const warned = [received(10), reorderPointSet(4)] as const;

    it('tells when available pieces fall to the reorder point', () =>
      given(...warned)
        .when(reserve('r-1', 6))
        .then(reserved('r-1', 6), lowStock(4, 4)));

    it('tells nothing above it', () =>
      given(...warned)
        .when(reserve('r-1', 5))
        .then(reserved('r-1', 5)));

    it('tells it once while it stays low', () =>
      given(...warned, reserved('r-1', 6), lowStock(4, 4))
        .when(adjust(-1))
        .then(adjusted(-1)));

    it('tells it again after it was above', () =>
      given(...warned, reserved('r-1', 6), lowStock(4, 4), received(1))
        .when(adjust(-2))
        .then(adjusted(-2), lowStock(3, 4)));

    it('tells it when the reorder point is set that high', () =>
      given(received(10)).when(reorderAt(10)).then(reorderPointSet(10), lowStock(10, 10)));

    it('tells nothing of pieces that go straight to the line', () =>
      given(...warned, reserved('r-1', 10), lowStock(0, 4), queued('w-1', 9, tomorrow))
        .when(receive(9))
        .then(received(9), reserved('w-1', 9, { servedAt: moment() })));

    it('is notified once', () =>
      given(...warned)
        .when(reorderAt(4))
        .thenRejected('REORDER_POINT.SAME'));
  });

  describe('when it is back', () => {
    const soldOut = [received(5), reserved('r-1', 5)] as const;

    it('tells so when pieces are available again', () =>
      given(...soldOut)
        .when(receive(2))
        .then(received(2), backInStock(2)));

    it('tells so once', () =>
      given(...soldOut, received(2), backInStock(2))
        .when(receive(2))
        .then(received(2)));

    it('tells nothing while others wait', () =>
      given(...soldOut, queued('w-1', 3, tomorrow))
        .when(receive(2))
        .then(received(2)));

    it('tells so when the last in line has gone', () =>
      given(...soldOut, queued('w-1', 3, tomorrow), received(2))
        .when(cancelWait('w-1'))
        .then(ended('WaitCancelled', 'w-1', 3), backInStock(2)));
  });

  describe('when discontinued', () => {
    const history: readonly InventoryEvent[] = [
      received(5),
      reserved('r-1', 5),
      queued('w-1', 3, tomorrow),
      queued('w-2', 1, tomorrow),
    ];
    const declined = [ended('WaitDeclined', 'w-1', 3), ended('WaitDeclined', 'w-2', 1)] as const;
    const over = [...history, discontinued, ...declined] as const;

    it('declines those in line', () =>
      given(...history)
        .when(discontinue)
        .then(discontinued, ...declined));

    it('declines a long line in parts', async () => {
      const line = Array.from({ length: 250 }, (_, index) => queued(`w-${index}`, 1, tomorrow));
      const declined = line.map((_, index) => ended('WaitDeclined', `w-${index}`, 1));
      await given(received(1), reserved('r-1', 1), ...line)
        .when(discontinue)
        .then(discontinued, ...declined.slice(0, 200));
      await given(received(1), reserved('r-1', 1), ...line, discontinued, ...declined.slice(0, 200))
        .when(confirm('r-1'))
        .then(...declined.slice(200), ended('ReservationConfirmed', 'r-1', 1));
    });

    it('takes no new reservations', async () => {
      for (const late of [reserve('r-2', 1), reserve('r-2', 1, wait), discontinue]) {
        await given(...over, received(5))
          .when(late)
          .thenRejected('STOCK.DISCONTINUED');
      }
    });

    it('keeps those that are there', async () => {
      await given(...over)
        .when(confirm('r-1'))
        .then(ended('ReservationConfirmed', 'r-1', 5));
      await given(...over)
        .when(release('r-1'))
        .then(ended('ReservationReleased', 'r-1', 5));
    });

    it('is still counted, and tells of nothing', async () => {
      await given(...over, reorderPointSet(4))
        .when(receive(9))
        .then(received(9));
      await given(...over, reorderPointSet(4), received(9))
        .when(adjust(-8))
        .then(adjusted(-8));
    });
  });

  describe('when large corrections need approval', () => {
    const limited = [received(9), limitSet(2)] as const;
    const waiting = [...limited, adjustmentRequested('a-1', -3)] as const;

    it('has a limit, which can be set again and removed once', async () => {
      await given(received(9)).when(setLimit(2)).then(limitSet(2));
      await given(...limited)
        .when(setLimit(0))
        .then(limitSet(0));
      await given(...limited)
        .when(removeLimit)
        .then(limitRemoved);
      await given(...limited, limitRemoved)
        .when(removeLimit)
        .thenRejected('STOCK.NO_APPROVAL_LIMIT');
      await given(received(9))
        .when(setLimit(2, { candidates: ['user:tom'], needed: 2 }))
        .thenRejected('STOCK.TOO_FEW_CANDIDATES');
    });

    it('is corrected by small ones at once', async () => {
      for (const by of [2, -2]) {
        await given(...limited)
          .when(adjust(by))
          .then(adjusted(by));
      }
      await given(...limited, limitRemoved)
        .when(adjust(-3))
        .then(adjusted(-3));
    });

    it('asks for large ones, up or down, and changes nothing', async () => {
      for (const by of [3, -3]) {
        await given(...limited)
          .when(adjust(by))
          .then(anyOf(adjustmentRequested('', by)));
      }
      await given(...limited)
        .when(adjust(-10))
        .thenRejected('STOCK.RESERVED');
      await given(...waiting)
        .when(reserve('r-1', 9))
        .then(reserved('r-1', 9));
      await given(...limited)
        .when({ ...adjust(-3), sender: 'checkout-default.c:checkout-1' })
        .thenRejected('STOCK.APPROVAL_NEEDED');
    });

    it('lets at most 100 wait', () =>
      given(...limited, ...Array.from({ length: 100 }, (_, index) => adjustmentRequested(`a-${index}`, 3)))
        .when(adjust(3))
        .thenRejected('STOCK.REQUEST_LIMIT'));

    it('is corrected once that is approved, whatever became of the limit', async () => {
      for (const change of [[], [limitRemoved], [limitSet(0)], [limitSet(9)], [discontinued]]) {
        await given(...waiting, ...change)
          .when(answer('approved'))
          .then(adjustmentApproved('a-1', -3), adjusted(-3));
      }
    });

    it('serves those in line with what an approved correction has found', () =>
      given(received(1), limitSet(0), queued('w-1', 2, tomorrow), adjustmentRequested('a-1', 1))
        .when(answer('approved'))
        .then(
          adjustmentApproved('a-1', 1),
          adjusted(1),
          reserved('w-1', 2, { servedAt: expect.any(String) as unknown as string }),
        ));

    it.each(['refused', 'withdrawn'] as const)('stays as it is when that is %s', (outcome) =>
      given(...waiting)
        .when(answer(outcome, { by: [], reason: 'count again' }))
        .then(adjustmentRefused('a-1', -3, outcome, 'count again')),
    );

    it('stays as it is when the approval could not be requested', () =>
      given(...waiting)
        .when(dropped)
        .then(adjustmentRefused('a-1', -3, 'not-requested', 'APPROVAL.TOO_FEW_CANDIDATES: nobody')));

    it('stays as it is when the pieces were reserved meanwhile', () =>
      given(...waiting, reserved('r-1', 7))
        .when(answer('approved'))
        .then(adjustmentRefused('a-1', -3, 'impossible', '7 of 9 are reserved')));

    it('is answered once, by the approval that was asked and for the same content', async () => {
      await given(...waiting)
        .when({ ...answer('approved'), sender: 'approval-default.a-2' })
        .thenRejected('STOCK.WRONG_APPROVAL');
      await given(...waiting)
        .when(answer('approved', { contentHash: 'b'.repeat(64) }))
        .thenRejected('STOCK.WRONG_APPROVAL');
      for (const end of [adjustmentApproved('a-1', -3), adjustmentRefused('a-1', -3, 'refused')]) {
        for (const again of [answer('approved'), answer('refused'), dropped]) {
          await given(...waiting, end)
            .when(again)
            .thenRejected('STOCK.NOT_WAITING');
        }
      }
    });
  });
}
