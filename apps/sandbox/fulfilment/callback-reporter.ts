import { setTimeout as pause } from 'node:timers/promises';

/** The answer to a report. */
export interface ReportAnswer {
  readonly status: number;
  readonly code?: string;
}

const PATIENCE_MILLISECONDS = 10_000;
/** Between two reports of an order that is fulfilled by itself. */
const STEP_MILLISECONDS = 500;
const STEPS = 2;
const COMPLETED = { status: 'completed', result: {} };
const FAILED = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };

/** Reports to the callback addresses of orders. The addresses are kept in memory only. */
export class CallbackReporter {
  private readonly addresses = new Map<string, string>();
  private readonly answers = new Map<string, ReportAnswer[]>();

  /** Returns false for an order that is repeated. */
  accept(order: string, address: string): boolean {
    const isNew = !this.addresses.has(order);
    this.addresses.set(order, address);
    return isNew;
  }

  /** What the reports of an order were answered with. */
  answersTo(order: string): readonly ReportAnswer[] {
    return this.answers.get(order) ?? [];
  }

  /** Reports once. Undefined if the order has no address. */
  async report(order: string, body: unknown): Promise<ReportAnswer | undefined> {
    const address = this.addresses.get(order);
    if (address === undefined) return undefined;
    const reply = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    const { code } = (await reply.json().catch(() => ({}))) as { readonly code?: string };
    const answer = { status: reply.status, ...(code !== undefined && { code }) };
    this.answers.set(order, [...this.answersTo(order), answer]);
    return answer;
  }

  /** Works on an order for a while, and reports its end, as a customer's `mood` wants. */
  async fulfil(order: string, mood: string): Promise<void> {
    for (let step = 1; step <= STEPS; step += 1) {
      await pause(STEP_MILLISECONDS);
      const answer = await this.report(order, { status: 'progress', progress: { step, of: STEPS } });
      // Nobody waits for it any more.
      if (answer?.status === 410) return;
    }
    await this.report(order, mood === 'lost' ? FAILED : COMPLETED);
    if (mood !== 'wrong') return;
    await this.report(order, COMPLETED);
    await this.report(order, FAILED);
    await this.report(order, { status: 'progress', progress: { step: STEPS, of: STEPS } });
  }
}
