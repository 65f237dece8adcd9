/** Pieces of one item, all at the latest price. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** Takes a percentage of the subtotal off, in basis points, or an amount in a currency. */
export interface Coupon {
  readonly code: string;
  readonly basisPoints?: number;
  readonly amount?: number;
  /** Currency of the amount, which does not apply to a cart in another currency. */
  readonly currency?: string;
}

/** How a checkout is paid: from an account or by card. */
export interface PaidBy {
  readonly accountId?: string;
  readonly payment?: { readonly method: 'card'; readonly card: string };
}

/** The purchase of a cart, at the price it showed. */
export interface Checkout extends PaidBy {
  readonly checkoutId: string;
  readonly total: number;
}

/** Only how it is paid, of a checkout. */
export function paidBy({ accountId, payment }: PaidBy): PaidBy {
  return payment ? { payment } : accountId === undefined ? {} : { accountId };
}

export interface CartState {
  readonly status: 'none' | 'open' | 'checking-out' | 'completed' | 'abandoned' | 'expired';
  readonly customerId?: string;
  readonly guestToken?: string;
  /** Currency of the lines. A cart without lines has none. */
  readonly currency?: string;
  readonly lines: readonly Line[];
  readonly coupon?: Coupon;
  /** Number of checkouts so far. */
  readonly checkouts: number;
  /** The current checkout, or the one that has succeeded. */
  readonly checkout?: Checkout;
  readonly lastFailure?: { readonly checkoutId: string; readonly reason: string; readonly failedAt: string };
  /** Reads and reminders are not changes. */
  readonly changedAt: string;
  readonly isReminded: boolean;
}

/** So that, with the number of a checkout, it fits in the id of a hold and a reservation. */
export const MAX_ID_LENGTH = 80;
export const MAX_LINES = 100;
export const MAX_PIECES_OF_A_LINE = 999;

export const initialCart: CartState = {
  status: 'none',
  lines: [],
  checkouts: 0,
  changedAt: '',
  isReminded: false,
};

export function findLine(state: CartState, sku: string): Line | undefined {
  return state.lines.find((line) => line.sku === sku);
}

/** Total quantity of all items. */
export function piecesIn({ lines }: CartState): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
