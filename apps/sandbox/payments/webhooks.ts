import { setTimeout as pause } from 'node:timers/promises';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Logger } from '#libs/runtime/logger.js';
import { signWebhook, WEBHOOK_HEADERS } from '#libs/api/http/webhook-signature.js';
import { behaviourOf, type CardBehaviour } from './card-tokens.js';
import type { PaymentBook } from './payment-book.js';
import { type Payment, stateOf } from './payment.js';

const PATIENCE_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const ATTEMPTS = 20;
const STALE_SECONDS = 600;

/**
 * Where the webhooks of payments go that name no address, and the secret that signs all of them.
 */
export interface WebhookTarget {
  readonly url?: string | undefined;
  readonly secret?: Buffer | undefined;
}

/**
 * Sends each state that a payment enters to its `webhookUrl`, until the receiver answers 2xx, at
 * least once and normally in order, signed as the Standard Webhooks specification says. The card
 * may ask for faults. What is not delivered yet is sent after a restart.
 */
export class Webhooks {
  private readonly stopped = new AbortController();
  /** By payment that is being followed: wakes it while it waits for the end of processing. */
  private readonly followed = new Map<string, () => void>();

  constructor(
    private readonly book: PaymentBook,
    private readonly logger: Logger,
    private readonly secret?: Buffer,
  ) {
    for (const payment of book.all()) this.follow(payment);
    book.onChange((payment) => this.follow(payment));
  }

  close(): void {
    this.stopped.abort();
  }

  private follow({ id, webhookUrl }: Payment): void {
    if (webhookUrl === undefined) return;
    const wake = this.followed.get(id);
    if (wake) return wake();
    this.followed.set(id, () => undefined);
    this.run(id, webhookUrl).catch((error: unknown) => {
      this.followed.delete(id);
      this.logger.error({ err: error, payment: id }, 'cannot send webhooks');
    });
  }

  private async run(id: string, url: string): Promise<void> {
    for (;;) {
      const payment = this.book.find(id);
      if (!payment || this.stopped.signal.aborted) return;
      const due = dueOf(payment, this.book.delivered(id));
      for (const n of due) await this.deliver(payment, n, url);
      if (this.stopped.signal.aborted) return;
      if (due.length > 0) this.book.noteDelivered(id, payment.history.length);
      else if (stateOf(payment) === 'processing') await this.processed(payment);
      else break;
    }
    this.followed.delete(id);
  }

  /** Waits until processing ends, or something else changes the payment. */
  private async processed({ id, settles }: Payment): Promise<void> {
    const changed = new AbortController();
    this.followed.set(id, () => changed.abort());
    const signal = AbortSignal.any([changed.signal, this.stopped.signal]);
    const rest = Math.max((settles?.at ?? 0) - Date.now(), 0);
    await pause(rest, undefined, { signal }).catch(() => undefined);
    this.followed.set(id, () => undefined);
  }

  private async deliver(payment: Payment, n: number, url: string): Promise<void> {
    const growing = new GrowingPause(FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
    const { webhooks, webhooksAfterMilliseconds = 0 } = behaviourOf(payment.card) ?? {};
    const { signal } = this.stopped;
    await pause(webhooksAfterMilliseconds, undefined, { signal }).catch(() => undefined);
    for (let attempt = 1; attempt <= ATTEMPTS && !this.stopped.signal.aborted; attempt += 1) {
      if (await this.post(payment, n, url, attempt === 1 ? webhooks : undefined)) return;
      await growing.wait(this.stopped.signal);
    }
    if (!this.stopped.signal.aborted)
      this.logger.warn({ payment: payment.id, count: n }, 'gave up on a webhook');
  }

  private async post(
    { id, reference, history }: Payment,
    n: number,
    url: string,
    fault: CardBehaviour['webhooks'],
  ): Promise<boolean> {
    const { state, at = 0 } = history[n] ?? {};
    const body = JSON.stringify({ id, reference, state, at: new Date(at).toISOString() });
    try {
      const reply = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.headersOf(`${id}-${n + 1}`, body, fault) },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MILLISECONDS), this.stopped.signal]),
      });
      await reply.body?.cancel();
      return reply.ok;
    } catch {
      return false; // nobody is there, or nobody answers
    }
  }

  private headersOf(id: string, body: string, fault: CardBehaviour['webhooks']): Record<string, string> {
    const seconds = Math.floor(Date.now() / 1_000) - (fault === 'stale' ? STALE_SECONDS : 0);
    const timestamp = String(seconds);
    const headers = { [WEBHOOK_HEADERS.id]: id, [WEBHOOK_HEADERS.timestamp]: timestamp };
    if (!this.secret) return headers;
    const signed = { id, timestamp, body: Buffer.from(fault === 'forged' ? `${body} ` : body) };
    return { ...headers, [WEBHOOK_HEADERS.signature]: signWebhook(this.secret, signed) };
  }
}

/** The places in the history that are to be sent now, in this order. */
function dueOf(payment: Payment, delivered: number): readonly number[] {
  const { webhooks } = behaviourOf(payment.card) ?? {};
  const due = payment.history.map((_, n) => n).slice(delivered);
  if (webhooks === 'double') return due.flatMap((n) => [n, n]);
  if (webhooks !== 'reordered') return due;
  return stateOf(payment) === 'processing' ? [] : due.toReversed();
}
