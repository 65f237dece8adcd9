import { actingIn } from '#libs/core/acting.js';
import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { KEY_REUSED } from '#libs/core/key-reused.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { RecentReceipt, Ring, RingEntry } from './entity-messages.js';
import { OutcomeRing } from './outcome-ring.js';

/** The limit of the inbox when a run continues as new. */
const MAX_INBOX_BYTES = 200_000;
const MAX_DRAINED_BYTES = 200_000;

/** A command that waits, and its size as JSON, which is computed once. */
interface Waiting {
  readonly envelope: CommandEnvelope;
  readonly bytes: number;
}

/** Whether the key of a command belongs to that command from now on. */
function bindsKey(outcome: Outcome): boolean {
  // Otherwise it belongs to another command, or that could not be known.
  const isKeyReused = outcome.status === 'rejected' && outcome.code === KEY_REUSED;
  return !isKeyReused && !isOutcomeUnknown(outcome);
}

/**
 * The inbox of an entity, and its ring of recent outcomes. A command is in at most one of the two,
 * so a repeated command is never decided again. Deterministic, because it runs in workflow code.
 */
export class Mailbox {
  private readonly pending: Waiting[] = [];
  /** The size of all that wait. */
  private inboxBytes = 0;
  /** The command that waits under each key. */
  private readonly keys = new Map<string, string>();
  private readonly ring = new OutcomeRing();

  constructor(ring: Ring = { entries: [] }) {
    this.ring.restore(ring);
  }

  get size(): number {
    return this.pending.length;
  }

  /** As in {@link Ring}. */
  get evictedUpTo(): Timestamp | undefined {
    return this.ring.evictedUpTo;
  }

  /**
   * Puts a command into the inbox. Returns false, and does nothing, if it is known. If its key was
   * used for another command, it gets the outcome that `reuse` returns.
   */
  admit(envelope: CommandEnvelope, reuse: (envelope: CommandEnvelope) => Outcome): boolean {
    const { commandId } = envelope;
    // A command with an unknown outcome may be sent again.
    if (isOutcomeUnknown(this.ring.outcomeOf(commandId))) this.ring.forget(commandId);
    const keyId = keyOf(envelope);
    const first = this.keys.get(keyId) ?? this.ring.commandWith(keyId);
    if (first === commandId || this.ring.outcomeOf(commandId)) return false;
    if (first !== undefined) {
      this.ring.remember(undefined, reuse(envelope), true, envelope.sentAt);
      return true;
    }
    this.keys.set(keyId, commandId);
    const bytes = jsonBytes(envelope);
    this.pending.push({ envelope, bytes });
    this.inboxBytes += bytes;
    return true;
  }

  /** Adds outcomes from elsewhere. Waiting commands that were settled are not decided again. */
  recall(ring: Ring, reuse: (envelope: CommandEnvelope) => Outcome): void {
    const waiting = this.pending.splice(0);
    this.inboxBytes = 0;
    this.keys.clear();
    this.ring.restore(ring);
    for (const { envelope } of waiting) this.admit(envelope, reuse);
  }

  /** The first commands, up to `limit` and a payload's size. They stay until they are settled. */
  next(limit: number): readonly CommandEnvelope[] {
    let sum = 0;
    const batch = this.pending.slice(0, limit);
    const end = batch.findIndex(({ bytes }, index) => {
      sum += bytes;
      return index > 0 && sum > MAX_DRAINED_BYTES;
    });
    return (end < 0 ? batch : batch.slice(0, end)).map(({ envelope }) => envelope);
  }

  /** As {@link OutcomeRing.mayHaveForgotten}. */
  mayHaveForgotten(batch: readonly CommandEnvelope[]): boolean {
    return this.ring.mayHaveForgotten(batch);
  }

  /** As {@link OutcomeRing.nextUnkept}. */
  nextUnkept(): readonly RingEntry[] {
    return this.ring.nextUnkept();
  }

  /** As {@link OutcomeRing.noteKept}. */
  noteKept(entries: readonly RingEntry[]): void {
    this.ring.noteKept(entries);
  }

  /** Moves decided commands from the inbox to the ring. `unkept`: not in any other memory. */
  settle(outcomes: readonly Outcome[], unkept: readonly string[] = []): void {
    for (const outcome of outcomes) {
      const index = this.pending.findIndex(({ envelope }) => envelope.commandId === outcome.commandId);
      const [waiting] = index < 0 ? [] : this.pending.splice(index, 1);
      if (!waiting) continue;
      const { envelope, bytes } = waiting;
      this.inboxBytes -= bytes;
      const keyId = keyOf(envelope);
      this.keys.delete(keyId);
      const isUnkept = unkept.includes(outcome.commandId);
      this.ring.remember(bindsKey(outcome) ? keyId : undefined, outcome, isUnkept, envelope.sentAt);
    }
  }

  /** The commands that wait. */
  waitingIds(): readonly string[] {
    return this.pending.map(({ envelope }) => envelope.commandId);
  }

  outcomeOf(commandId: string): Outcome | undefined {
    return this.ring.outcomeOf(commandId);
  }

  receiptOf(commandId: string): RecentReceipt {
    const outcome = this.ring.outcomeOf(commandId);
    if (outcome) return outcome;
    const waiting = this.pending.find(({ envelope }) => envelope.commandId === commandId);
    if (!waiting) return { status: 'unknown' };
    const { envelope } = waiting;
    return { status: 'pending', ...actingIn(envelope), sentAt: envelope.sentAt };
  }

  /** Whether the inbox is small enough to be handed to the next run. */
  get isSmallEnoughToCarry(): boolean {
    const { inboxBytes, pending } = this;
    // The size of an array includes its brackets and commas.
    return pending.length === 0 || inboxBytes + pending.length + 1 < MAX_INBOX_BYTES;
  }

  /** What the next run needs. */
  carry(): { ring: Ring; inbox: readonly CommandEnvelope[] } {
    const inbox = this.pending.map(({ envelope }) => envelope);
    return { ring: this.ring.carry(), inbox };
  }
}
