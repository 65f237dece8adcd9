import type { RejectionContract } from '../entity-contract.js';

/** Every code with which an item's rules reject. */
export const inventoryRejections = {
  'STOCK.NOT_FOUND': { status: 404, title: 'No stock of this item was ever received' },
  'STOCK.INSUFFICIENT': { status: 409, title: 'Not enough pieces are available' },
  'STOCK.AWAITED': { status: 409, title: 'Others wait in line for this item' },
  'STOCK.DISCONTINUED': { status: 409, title: 'The item is discontinued' },
  'STOCK.RESERVED': { status: 409, title: 'The quantity on hand would be less than the reserved quantity' },
  'STOCK.LIMIT': { status: 409, title: 'More than 10^12 pieces would be on hand' },
  'STOCK.REQUEST_LIMIT': { status: 409, title: '100 corrections of the item wait for approval' },
  'STOCK.APPROVAL_NEEDED': {
    status: 409,
    title: 'The correction needs an approval, for which the sender cannot wait',
  },
  'STOCK.NO_APPROVAL_LIMIT': { status: 409, title: 'The item has no approval limit' },
  'STOCK.TOO_FEW_CANDIDATES': {
    status: 422,
    title: 'More approvals of corrections are needed than there are candidates',
  },
  'STOCK.NOT_WAITING': { status: 409, title: 'No correction waits for this approval' },
  'STOCK.WRONG_APPROVAL': { status: 409, title: 'The answer is not that of the approval of the correction' },
  'REORDER_POINT.SAME': { status: 409, title: 'The reorder point already has this value' },
  'RESERVATION.ID_USED': { status: 409, title: 'A reservation with this id was already made' },
  'RESERVATION.NOT_FOUND': { status: 404, title: 'There is no such reservation' },
  'RESERVATION.FORGOTTEN': { status: 410, title: 'The reservation ended long ago' },
  'RESERVATION.WAITING': { status: 409, title: 'The reservation is still waiting in line' },
  'RESERVATION.CONFIRMED': { status: 409, title: 'The reservation was confirmed' },
  'RESERVATION.NOT_CONFIRMED': { status: 409, title: 'The reservation was not confirmed' },
  'RESERVATION.RELEASED': { status: 409, title: 'The reservation was released' },
  'RESERVATION.EXPIRED': { status: 409, title: 'The reservation has expired' },
  'RESERVATION.RETURNED': { status: 409, title: 'The pieces of the reservation were returned' },
  'RESERVATION.OWNED': {
    status: 409,
    title: 'Only the saga that made the reservation may change it while the saga runs',
  },
  'RESERVATION.NOT_DUE': { status: 409, title: 'The reservation is not due to expire' },
  'RESERVATION.NOT_LONGER': { status: 422, title: 'The reservation would not end later' },
  'RESERVATION.LIMIT': {
    status: 409,
    title: 'The item has 2,000 reservations that are open or kept for sagas',
  },
  'WAIT.NOT_WAITING': { status: 409, title: 'The reservation is no longer waiting' },
  'WAIT.ENDED': { status: 409, title: 'The wait was cancelled, was declined or has expired' },
  'WAIT.NOT_DUE': { status: 409, title: 'The wait is not due to expire' },
  'WAIT.DEADLINE_INVALID': {
    status: 422,
    title: 'The end of the wait is not in the future, or over 30 days away',
  },
  'WAIT.OVER_LIMIT': { status: 409, title: 'No reservation may wait for that many pieces' },
  'WAIT_LIMIT.SAME': { status: 409, title: 'The limit already has this value' },
  'WAITLIST.FULL': { status: 409, title: '1,000 reservations are waiting in line' },
  'WAITLIST.NONE_TO_SERVE': { status: 409, title: 'Nobody in line can be served' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type InventoryRejectionCode = keyof typeof inventoryRejections;
