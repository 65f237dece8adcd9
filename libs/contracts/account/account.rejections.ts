import type { RejectionContract } from '../entity-contract.js';

/** Every code with which an account's rules reject. */
export const accountRejections = {
  'ACCOUNT.NOT_OPENED': { status: 404, title: 'There is no such account' },
  'ACCOUNT.ALREADY_OPENED': { status: 409, title: 'The account is already open' },
  'ACCOUNT.CLOSED': { status: 409, title: 'The account is closed' },
  'ACCOUNT.FROZEN': { status: 409, title: 'The account is frozen' },
  'ACCOUNT.NOT_FROZEN': { status: 409, title: 'The account is not frozen' },
  'ACCOUNT.CURRENCY_MISMATCH': { status: 422, title: 'The account has another currency' },
  'ACCOUNT.INSUFFICIENT_FUNDS': { status: 409, title: 'Not enough money is available' },
  'ACCOUNT.NOT_OWNED': { status: 409, title: 'The account belongs to somebody else' },
  'ACCOUNT.NOT_EMPTY': { status: 409, title: 'The account still has money' },
  'ACCOUNT.HAS_HOLDS': { status: 409, title: 'The account still has open holds' },
  'ACCOUNT.HAS_REQUESTS': { status: 409, title: 'Money of the account waits for approval' },
  'ACCOUNT.REQUEST_LIMIT': { status: 409, title: '100 requests of the account wait for approval' },
  'ACCOUNT.APPROVAL_NEEDED': {
    status: 409,
    title: 'The amount needs an approval, for which the sender cannot wait',
  },
  'ACCOUNT.NO_APPROVAL_LIMIT': { status: 409, title: 'The account has no approval limit' },
  'ACCOUNT.TOO_FEW_CANDIDATES': { status: 422, title: 'More approvals are needed than there are candidates' },
  'ACCOUNT.NOT_WAITING': { status: 409, title: 'Nothing waits for this approval' },
  'ACCOUNT.WRONG_APPROVAL': {
    status: 409,
    title: 'The answer is not that of the approval that was requested',
  },
  'BALANCE.LIMIT': { status: 409, title: 'The balance would exceed 2^53 − 1 minor units' },
  'DEPOSIT.NOT_FOUND': { status: 404, title: 'There is no such deposit' },
  'DEPOSIT.AMOUNT_EXCEEDED': { status: 422, title: 'The reversal exceeds the deposit' },
  'DEPOSIT.REVERSED': { status: 409, title: 'The deposit was already reversed' },
  'INTEREST.CREDITED': { status: 409, title: 'The interest of this month was already credited' },
  'INTEREST.TOO_LATE': {
    status: 409,
    title: 'It is no longer known whether the interest of this month was credited',
  },
  'HOLD.ID_USED': { status: 409, title: 'A hold with this id was already placed' },
  'HOLD.NOT_FOUND': { status: 404, title: 'There is no such hold' },
  'HOLD.ENDED': { status: 409, title: 'The hold was captured, released or has expired' },
  'HOLD.NOT_APPROVED': { status: 409, title: 'The hold still waits for approval' },
  'HOLD.OWNED': { status: 409, title: 'Only the saga that placed the hold may end it while the saga runs' },
  'HOLD.NOT_DUE': { status: 409, title: 'The deadline of the hold has not passed' },
  'HOLD.AMOUNT_EXCEEDED': { status: 422, title: 'The capture exceeds the held amount' },
  'HOLD.DEADLINE_INVALID': { status: 422, title: 'The deadline is not in the future, or over a year away' },
  'HOLD.LIMIT': { status: 409, title: 'The account has 1,000 open holds' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type AccountRejectionCode = keyof typeof accountRejections;
