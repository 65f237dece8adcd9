import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { KEY_REUSED } from '#libs/core/key-reused.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { RecentReceipt, Ring, RingEntry } from './entity-messages.js';

/** Outcomes that an entity keeps itself. Older keys are looked up in its stream. */
export const RING_SIZE = 1_000;
/** Further outcomes that wait to be kept elsewhere. Above the limit, the oldest are forgotten. */
export const UNKEPT_LIMIT = 1_000;
/** Of these, the number in one request: they are part of a payload and of an SQL statement. */
const UNKEPT_IN_A_REQUEST = 100;
/** Limit of the ring as JSON. With inbox and state it stays below Temporal's 2 MiB per payload. */
const MAX_RING_BYTES = 450_000;
/** Outcomes kept regardless of size: a drain settles up to 100, whose senders still wait. */
const MIN_RING_SIZE = 100;
/** The limit of the inbox when a run continues as new. */
const MAX_INBOX_BYTES = 200_000;
const MAX_DRAINED_BYTES = 200_000;

/** A command that waits, and its size as JSON, which is computed once. */
interface Waiting {
  readonly envelope: CommandEnvelope;
  readonly bytes: number;
}

interface Remembered {
  readonly entry: RingEntry;
  readonly bytes: number;
}

/** The latest time at which any was sent or decided. A ring that drops them remembers it. */
export function latestOf(
  dropped: readonly RingEntry[],
  earlier: Timestamp | undefined,
): Timestamp | undefined {
  const times = dropped.map(({ outcome, sentAt }) => latest(outcome.at, sentAt));
  return times.reduce<Timestamp | undefined>((last, time) => latest(time, last), earlier);
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
  private readonly ring: Remembered[] = [];
  private ringBytes = 0;
  private readonly unkept = new Map<string, RingEntry>();
  private readonly outcomes = new Map<string, Outcome>();
  /** The command that each key was first used for. */
  private readonly keys = new Map<string, string>();
  /** As in {@link Ring}. */
  evictedUpTo: Timestamp | undefined;

  constructor(ring: Ring = { entries: [] }) {
    this.evictedUpTo = ring.evictedUpTo;
    for (const entry of ring.entries) this.restore(entry);
  }

  get size(): number {
    return this.pending.length;
  }

  /**
   * Puts a command into the inbox. Returns false, and does nothing, if it is known. If its key was
   * used for another command, it gets the outcome that `reuse` returns.
   */
  admit(envelope: CommandEnvelope, reuse: (envelope: CommandEnvelope) => Outcome): boolean {
    // A command with an unknown outcome may be sent again.
    if (isOutcomeUnknown(this.outcomes.get(envelope.commandId))) this.forget(envelope.commandId);
    const first = this.keys.get(keyOf(envelope));
    if (first === envelope.commandId || this.outcomes.has(envelope.commandId)) return false;
    if (first !== undefined) {
      this.remember(undefined, reuse(envelope), true, envelope.sentAt);
      return true;
    }
    this.keys.set(keyOf(envelope), envelope.commandId);
    const bytes = jsonBytes(envelope);
    this.pending.push({ envelope, bytes });
    this.inboxBytes += bytes;
    return true;
  }

  /** Adds outcomes from elsewhere. Waiting commands that were settled are not decided again. */
  recall(ring: Ring, reuse: (envelope: CommandEnvelope) => Outcome): void {
    const waiting = this.pending.splice(0);
    this.inboxBytes = 0;
    for (const { envelope } of waiting) this.keys.delete(keyOf(envelope));
    if (ring.evictedUpTo !== undefined) this.evictedUpTo = latest(ring.evictedUpTo, this.evictedUpTo);
    for (const entry of ring.entries) this.restore(entry);
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

  /**
   * Whether any of these commands may have been settled before and dropped from the ring since. A
   * command sent after everything that was dropped cannot have been, but a key may be of any age.
   */
  mayHaveForgotten(batch: readonly CommandEnvelope[]): boolean {
    const { evictedUpTo } = this;
    if (evictedUpTo === undefined) return false;
    return batch.some(({ keyId, sentAt }) => keyId !== undefined || sentAt <= evictedUpTo);
  }

  /** The oldest outcomes that must be kept outside the entity, and are not yet. */
  nextUnkept(): readonly RingEntry[] {
    return [...this.unkept.values()].slice(0, UNKEPT_IN_A_REQUEST);
  }

  /** Notes that these outcomes are kept elsewhere now. */
  noteKept(entries: readonly RingEntry[]): void {
    for (const { outcome } of entries) this.unkept.delete(outcome.commandId);
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
      if (this.keys.get(keyId) === envelope.commandId) this.keys.delete(keyId);
      const isUnkept = unkept.includes(outcome.commandId);
      this.remember(bindsKey(outcome) ? keyId : undefined, outcome, isUnkept, envelope.sentAt);
    }
  }

  outcomeOf(commandId: string): Outcome | undefined {
    return this.outcomes.get(commandId);
  }

  receiptOf(commandId: string): RecentReceipt {
    const outcome = this.outcomes.get(commandId);
    if (outcome) return outcome;
    const waiting = this.pending.find(({ envelope }) => envelope.commandId === commandId);
    return waiting ? { status: 'pending', sentAt: waiting.envelope.sentAt } : { status: 'unknown' };
  }

  /** Whether the inbox is small enough to be handed to the next run. */
  get isSmallEnoughToCarry(): boolean {
    const { inboxBytes, pending } = this;
    // The size of an array includes its brackets and commas.
    return pending.length === 0 || inboxBytes + pending.length + 1 < MAX_INBOX_BYTES;
  }

  /** What the next run needs. */
  carry(): { ring: Ring; inbox: readonly CommandEnvelope[] } {
    const { ring, unkept, evictedUpTo } = this;
    const inbox = this.pending.map(({ envelope }) => envelope);
    const entries = ring.map(({ entry }) => {
      return unkept.has(entry.outcome.commandId) ? { ...entry, unkept: true as const } : entry;
    });
    return { ring: { entries, ...(evictedUpTo !== undefined && { evictedUpTo }) }, inbox };
  }

  /** Adds an outcome from an earlier run or the stream. An outcome that is known already stays. */
  private restore({ keyId, outcome, unkept, sentAt }: RingEntry): void {
    const { commandId } = outcome;
    const known = this.outcomes.get(commandId);
    if (known && (isOutcomeUnknown(outcome) || !isOutcomeUnknown(known))) return;
    if (known) this.forget(commandId);
    const key = isOutcomeUnknown(outcome) ? undefined : (keyId ?? commandId);
    this.remember(key, outcome, unkept, sentAt);
  }

  private remember(
    keyId: string | undefined,
    outcome: Outcome,
    isUnkept = false,
    sentAt: Timestamp = outcome.at,
  ): void {
    const { commandId } = outcome;
    const entry: RingEntry = {
      ...(keyId !== undefined && keyId !== commandId && { keyId }),
      outcome,
      ...(sentAt > outcome.at && { sentAt }),
    };
    const bytes = jsonBytes(entry);
    this.ring.push({ entry, bytes });
    this.ringBytes += bytes;
    this.outcomes.set(commandId, outcome);
    if (keyId !== undefined) this.keys.set(keyId, commandId);
    if (isUnkept) this.unkept.set(commandId, entry);
    while (this.isOverfull) this.forgetOldest();
  }

  private get isOverfull(): boolean {
    const { ring, ringBytes, unkept } = this;
    if (ring.length > RING_SIZE + Math.min(unkept.size, UNKEPT_LIMIT)) return true;
    return ringBytes > MAX_RING_BYTES && ring.length > MIN_RING_SIZE;
  }

  private forgetOldest(): void {
    const { ring, unkept } = this;
    // Outcomes kept elsewhere go first, and others only if there are too many of them.
    const mayGoUnkept = unkept.size > UNKEPT_LIMIT;
    const index = ring.findIndex(({ entry }) => mayGoUnkept === unkept.has(entry.outcome.commandId));
    const isLate = index < 0 || index >= ring.length - MIN_RING_SIZE;
    const oldest = ring[isLate ? 0 : index];
    if (!oldest) return;
    this.evictedUpTo = latestOf([oldest.entry], this.evictedUpTo);
    this.forget(oldest.entry.outcome.commandId);
  }

  private forget(commandId: string): void {
    const index = this.ring.findIndex(({ entry }) => entry.outcome.commandId === commandId);
    const [forgotten] = index < 0 ? [] : this.ring.splice(index, 1);
    if (!forgotten) return;
    const keyId = forgotten.entry.keyId ?? commandId;
    this.ringBytes -= forgotten.bytes;
    this.outcomes.delete(commandId);
    this.unkept.delete(commandId);
    if (this.keys.get(keyId) === commandId) this.keys.delete(keyId);
  }
}
