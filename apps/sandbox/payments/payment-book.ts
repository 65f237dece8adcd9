import { createHash, randomUUID } from 'node:crypto';
import { AppendLog } from '../append-log.js';
import { act, begin, type Payment, type PaymentAction, settle, type Settlement, stateOf } from './payment.js';
import { behaviourOf } from './card-tokens.js';

/** An answer to a request, which every repeat under its key gets too. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** The answer to a request and what it did are one line, so a kill cannot separate them. */
interface Entry {
  readonly payment?: Payment;
  /** The id of a payment that was undone before it was made. */
  readonly refused?: string;
  /** How many states of a payment its webhook was told of. */
  readonly delivered?: { readonly id: string; readonly count: number };
  readonly answered?: { readonly key: string; readonly request: string; readonly answer: Answer };
}

type Order = Pick<Payment, 'reference' | 'amount' | 'currency' | 'card' | 'capture' | 'webhookUrl'> & {
  readonly id?: string | undefined;
};

/** Payments, and the answers by idempotency key, in an append-only file. */
export class PaymentBook {
  private readonly log: AppendLog<Entry>;
  private readonly payments = new Map<string, Payment>();
  private readonly refused = new Set<string>();
  private readonly deliveries = new Map<string, number>();
  private readonly answers = new Map<string, { readonly request: string; readonly answer: Answer }>();

  private changed: ((payment: Payment) => void) | undefined;

  constructor(file: string) {
    this.log = new AppendLog(file);
    for (const entry of this.log.found) this.remember(entry);
  }

  onChange(listener: (payment: Payment) => void): void {
    this.changed = listener;
  }

  /** Every payment, in the order in which they were created. */
  all(): readonly Payment[] {
    const now = Date.now();
    return [...this.payments.values()].map((payment) => settle(payment, now));
  }

  find(id: string): Payment | undefined {
    const found = this.payments.get(id);
    return found && settle(found, Date.now());
  }

  /** The answer that a request got under this key, 409 if another request did, or undefined. */
  answered(key: string, request: string): Answer | undefined {
    const known = this.answers.get(key);
    if (!known) return undefined;
    // Not final for a client: what the first request did stands, so this is no refusal of it.
    return known.request === hashOf(request)
      ? known.answer
      : refusal(409, 'key_reused', 'another request had this key');
  }

  create(key: string, request: string, { id = `pay_${randomUUID()}`, ...order }: Order): Answer {
    if (this.refused.has(id)) {
      return this.answer(key, request, refusal(422, 'undone', `the payment ${id} was undone before`));
    }
    const known = this.find(id);
    if (known && isFor(known, order)) return this.write(key, request, known, 200);
    if (known) return this.answer(key, request, refusal(422, 'id_used', `there is a payment ${id}`));
    const declined = behaviourOf(order.card)?.declined;
    if (declined) return this.answer(key, request, refusal(402, declined, 'the card was declined'));
    return this.write(key, request, begin({ id, ...order }, Date.now()), 201);
  }

  /**
   * Gives back what a payment holds or has taken, whatever its state. An id that is not known yet
   * is remembered, and refused.
   */
  undo(key: string, request: string, id: string): Answer {
    const payment = this.find(id);
    if (!payment) {
      const answer: Answer = { status: 200, body: { id, state: 'voided' } };
      this.append({ refused: id, answered: { key, request: hashOf(request), answer } });
      return answer;
    }
    const next = act(payment, 'void', Date.now()) ?? act(payment, 'refund', Date.now());
    return this.write(key, request, next ?? payment, 200);
  }

  act(key: string, request: string, payment: Payment, action: PaymentAction): Answer {
    if (action === 'capture' && behaviourOf(payment.card)?.captureDeclined) {
      return this.answer(key, request, refusal(402, 'capture_declined', 'the amount cannot be taken'));
    }
    const next = act(payment, action, Date.now());
    if (next) return this.write(key, request, next, 200);
    const detail = `${action} is not possible: the payment is ${stateOf(payment)}`;
    return this.answer(key, request, refusal(422, 'wrong_state', detail));
  }

  /** Ends processing now. Returns false if the payment is not being processed. */
  settleNow(payment: Payment, state: Settlement): boolean {
    if (stateOf(payment) !== 'processing') return false;
    const now = Date.now();
    this.append({ payment: settle({ ...payment, settles: { at: now, state } }, now) });
    return true;
  }

  /** How many of the states that a payment entered were sent to its webhook. */
  delivered(id: string): number {
    return this.deliveries.get(id) ?? 0;
  }

  noteDelivered(id: string, count: number): void {
    this.append({ delivered: { id, count } });
  }

  private write(key: string, request: string, payment: Payment, status: number): Answer {
    return this.answer(key, request, { status, body: { id: payment.id, state: stateOf(payment) } }, payment);
  }

  private answer(key: string, request: string, answer: Answer, payment?: Payment): Answer {
    this.append({ answered: { key, request: hashOf(request), answer }, ...(payment && { payment }) });
    return answer;
  }

  private append(entry: Entry): void {
    this.log.append(entry);
    this.remember(entry);
    if (entry.payment) this.changed?.(entry.payment);
  }

  private remember({ payment, refused, answered, delivered }: Entry): void {
    if (refused !== undefined) this.refused.add(refused);
    if (payment) this.payments.set(payment.id, payment);
    if (delivered) this.deliveries.set(delivered.id, delivered.count);
    if (answered) this.answers.set(answered.key, answered);
  }
}

export function refusal(status: number, code: string, detail: string): Answer {
  return { status, body: { code, detail } };
}

/** Whether a payment is what an order asks for. */
function isFor(payment: Payment, { reference, amount, currency, card, capture }: Order): boolean {
  const isSame = payment.amount === amount && payment.currency === currency && payment.card === card;
  return isSame && payment.reference === reference && payment.capture === capture;
}

function hashOf(request: string): string {
  return createHash('sha256').update(request).digest('base64url');
}
