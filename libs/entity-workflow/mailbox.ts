import { type CommandEnvelope, keyOf } from '#libs/decider/envelope.js';
import type { Outcome } from '#libs/decider/outcome.js';
import type { RecentReceipt, Ring, RingEntry } from './entity-messages.js';

/** Outcomes an entity keeps by itself. Older keys are looked for in its stream. */
export const RING_SIZE = 1_000;
const MAX_CARRIED_CHARACTERS = 400_000;

/**
 * The one inbox of an entity and the ring of recent outcomes behind it. A command is in at most one of the two, so a
 * repeated one is never decided again. Deterministic: it runs in workflow code.
 */
export class Mailbox {
  private readonly pending: CommandEnvelope[] = [];
  private readonly ring: RingEntry[] = [];
  private readonly outcomes = new Map<string, Outcome>();
  /** The command each key was first used for. */
  private readonly keys = new Map<string, string>();
  private dropped: boolean;

  constructor(ring: Ring = { entries: [], evicted: false }) {
    this.dropped = ring.evicted;
    for (const { keyId, outcome } of ring.entries) this.remember(keyId ?? outcome.commandId, outcome);
  }

  /** Whether a key that is not known here may still be known to the stream. */
  get hasEvicted(): boolean {
    return this.dropped;
  }

  get size(): number {
    return this.pending.length;
  }

  /**
   * Takes a command in, once: a known one is not taken again. `false` when it was known. A key that was used for another
   * command is answered at once by `reuse`.
   */
  admit(envelope: CommandEnvelope, reuse: (envelope: CommandEnvelope) => Outcome): boolean {
    const first = this.keys.get(keyOf(envelope));
    if (first === envelope.commandId || this.outcomes.has(envelope.commandId)) return false;
    if (first !== undefined) {
      this.remember(undefined, reuse(envelope));
      return true;
    }
    this.keys.set(keyOf(envelope), envelope.commandId);
    this.pending.push(envelope);
    return true;
  }

  /** Learns of outcomes from before this run; commands that wait and turn out to be settled are not decided again. */
  recall(ring: Ring, reuse: (envelope: CommandEnvelope) => Outcome): void {
    const waiting = this.pending.splice(0);
    for (const envelope of waiting) this.keys.delete(keyOf(envelope));
    this.dropped ||= ring.evicted;
    for (const { keyId, outcome } of ring.entries) this.remember(keyId ?? outcome.commandId, outcome);
    for (const envelope of waiting) this.admit(envelope, reuse);
  }

  /** The commands that came first, up to `limit`. They stay here until they are settled. */
  next(limit: number): readonly CommandEnvelope[] {
    return this.pending.slice(0, limit);
  }

  /** Moves commands that were answered from the inbox to the ring. */
  settle(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const index = this.pending.findIndex(({ commandId }) => commandId === outcome.commandId);
      const [envelope] = index < 0 ? [] : this.pending.splice(index, 1);
      if (envelope) this.remember(keyOf(envelope), outcome);
    }
  }

  outcomeOf(commandId: string): Outcome | undefined {
    return this.outcomes.get(commandId);
  }

  receiptOf(commandId: string): RecentReceipt {
    const outcome = this.outcomes.get(commandId);
    if (outcome) return outcome;
    const isPending = this.pending.some((envelope) => envelope.commandId === commandId);
    return { status: isPending ? 'pending' : 'unknown' };
  }

  /** Whether what would cross to the next run is far below the 2 MB that a payload may have. */
  get isSmallEnoughToCarry(): boolean {
    return this.pending.length === 0 || JSON.stringify(this.pending).length < MAX_CARRIED_CHARACTERS;
  }

  /** What has to cross to the next run. */
  carry(): { ring: Ring; inbox: readonly CommandEnvelope[] } {
    return { ring: { entries: this.ring, evicted: this.dropped }, inbox: this.pending };
  }

  private remember(keyId: string | undefined, outcome: Outcome): void {
    this.ring.push({ ...(keyId !== undefined && keyId !== outcome.commandId && { keyId }), outcome });
    this.outcomes.set(outcome.commandId, outcome);
    if (keyId !== undefined) this.keys.set(keyId, outcome.commandId);
    if (this.ring.length > RING_SIZE) this.forgetOldest();
  }

  private forgetOldest(): void {
    const oldest = this.ring.shift();
    if (!oldest) return;
    const { commandId } = oldest.outcome;
    const keyId = oldest.keyId ?? commandId;
    this.dropped = true;
    this.outcomes.delete(commandId);
    if (this.keys.get(keyId) === commandId) this.keys.delete(keyId);
  }
}
