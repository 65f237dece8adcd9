import type { Settlement } from './payment.js';

/** How a payment with a test card goes. */
export interface CardBehaviour {
  /** The code with which a payment is declined. */
  readonly declined?: string;
  /** Whether an amount that is held cannot be taken. */
  readonly captureDeclined?: true;
  /** The state in which a payment ends after it was processed for a while. Default: at once. */
  readonly settles?: { readonly state: Settlement; readonly afterMilliseconds: number };
  /** Whether the cardholder has to confirm a payment. */
  readonly requiresAction?: true;
  /** Whether requests are done but get no reply, once for each key. */
  readonly losesReplies?: true;
  /** How often a request is answered 503 before it is done, for each key. */
  readonly failures?: number;
  /** How long the reply to a charge is held back, so that webhooks arrive before it. */
  readonly repliesAfterMilliseconds?: number;
  /** How long each webhook is held back. */
  readonly webhooksAfterMilliseconds?: number;
  /**
   * What is wrong with webhooks: each is sent twice, or a later state before an earlier one, or the
   * first attempt has the signature of another body, or a time of ten minutes ago.
   */
  readonly webhooks?: 'double' | 'reordered' | 'forged' | 'stale';
}

const SLOW_MILLISECONDS = 5_000;
const FAILURES = 2;

const behaviours: Readonly<Record<string, (afterMilliseconds: number) => CardBehaviour>> = {
  tok_visa: () => ({}),
  tok_declined: () => ({ declined: 'declined' }),
  tok_insufficient_funds: () => ({ declined: 'insufficient_funds' }),
  tok_capture_declined: () => ({ captureDeclined: true }),
  tok_slow: (afterMilliseconds) => ({ settles: { state: 'succeeded', afterMilliseconds } }),
  tok_fails_later: (afterMilliseconds) => ({ settles: { state: 'failed', afterMilliseconds } }),
  tok_requires_action: () => ({ requiresAction: true }),
  tok_lost_reply: () => ({ losesReplies: true }),
  tok_unavailable: () => ({ failures: FAILURES }),
  tok_double: () => ({ webhooks: 'double' }),
  tok_forged: (afterMilliseconds) => ({
    settles: { state: 'succeeded', afterMilliseconds },
    webhooks: 'forged',
  }),
  tok_stale: (afterMilliseconds) => ({
    settles: { state: 'succeeded', afterMilliseconds },
    webhooks: 'stale',
  }),
  tok_early: (repliesAfterMilliseconds) => ({
    settles: { state: 'succeeded', afterMilliseconds: 1 },
    repliesAfterMilliseconds,
  }),
  tok_late: (webhooksAfterMilliseconds) => ({
    settles: { state: 'succeeded', afterMilliseconds: 1 },
    webhooksAfterMilliseconds,
  }),
  tok_reordered: (afterMilliseconds) => ({
    settles: { state: 'succeeded', afterMilliseconds },
    webhooks: 'reordered',
  }),
};

const TOKEN = /^(?<name>tok_[a-z_]*[a-z])(?:_(?<milliseconds>\d{1,9}))?$/;

/**
 * The behaviour that a card token asks for, or undefined if there is no such token. A number at the
 * end of a token, as in `tok_slow_200`, says how many milliseconds processing takes.
 */
export function behaviourOf(card: string): CardBehaviour | undefined {
  const { name = '', milliseconds = SLOW_MILLISECONDS } = TOKEN.exec(card)?.groups ?? {};
  return Object.hasOwn(behaviours, name) ? behaviours[name]?.(Number(milliseconds)) : undefined;
}
