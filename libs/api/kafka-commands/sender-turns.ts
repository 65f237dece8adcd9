import { Counter, Gauge } from 'prom-client';
import type { LimitOf } from '../http/limit-metrics.js';
import type { AtATime } from '../http/request-limits.js';

const inProgress = new Gauge({
  name: 'perdure_kafka_commands_in_progress',
  help: 'Entities to which commands from Kafka are being sent',
});

const heldBack = new Counter({
  name: 'perdure_kafka_commands_held_back_total',
  help: 'Entities whose commands from Kafka waited for a limit: that of their sender (caller) or of the process',
  labelNames: ['of'],
});

/**
 * Bounds how many entities each sender, and all of them together, send commands to at a time. What
 * is above that waits: its records stay on their topic. Senders that wait take turns, so that one
 * with many records does not hold up the others.
 */
export class SenderTurns {
  /** The sender whose turn is next comes first. */
  private readonly waiting = new Map<string, (() => void)[]>();
  private readonly running = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: AtATime) {}

  /** Does the work for a sender once it is its turn. */
  async take(sender: string, work: () => Promise<void>): Promise<void> {
    const reached = this.limitReachedBy(sender);
    if (reached === undefined) this.change(sender, 1);
    else {
      heldBack.inc({ of: reached });
      await new Promise<void>((begin) => this.enqueue(sender, begin));
    }
    try {
      await work();
    } finally {
      this.change(sender, -1);
      this.beginNext();
    }
  }

  private enqueue(sender: string, begin: () => void): void {
    const queue = this.waiting.get(sender);
    if (queue) queue.push(begin);
    else this.waiting.set(sender, [begin]);
  }

  private beginNext(): void {
    const next = [...this.waiting].find(([sender]) => this.limitReachedBy(sender) === undefined);
    if (!next) return;
    const [sender, [begin, ...others]] = next;
    this.waiting.delete(sender);
    if (others.length > 0) this.waiting.set(sender, others);
    this.change(sender, 1);
    begin?.();
  }

  private limitReachedBy(sender: string): LimitOf | undefined {
    if (this.countOf(sender) >= this.limits.caller) return 'caller';
    return this.total >= this.limits.process ? 'process' : undefined;
  }

  private countOf(sender: string): number {
    return this.running.get(sender) ?? 0;
  }

  private change(sender: string, by: number): void {
    const count = this.countOf(sender) + by;
    if (count > 0) this.running.set(sender, count);
    else this.running.delete(sender);
    this.total += by;
    inProgress.set(this.total);
  }
}
