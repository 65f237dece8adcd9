import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { KEY_REUSED } from '#libs/core/key-reused.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { RecentReceipt, Ring, RingEntry } from './entity-messages.js';

/** Outcomes an entity keeps by itself. Older keys are looked for in its stream. */
export const RING_SIZE = 1_000;
/** Outcomes that are held beyond these, until they are kept elsewhere; more are forgotten rather than commands refused. */
export const UNKEPT_LIMIT = 1_000;
/** Of these in one request: a part of a payload, and of a statement. */
const UNKEPT_IN_A_REQUEST = 100;
/** What the ring may take as JSON. With the inbox and the state it stays below the 2 MiB that Temporal allows a payload. */
const MAX_RING_BYTES = 450_000;
/** So many outcomes stay, however large: one drain settles up to 100 commands, whose senders have yet to be told. */
const MIN_RING_SIZE = 100;
/** What may wait when a run is continued as new. */
const MAX_INBOX_BYTES = 200_000;
const MAX_DRAINED_BYTES = 200_000;

/** A command that waits, and how long it is as JSON: what all of them take is known without writing them out again. */
interface Waiting {
  readonly envelope: CommandEnvelope;
  readonly bytes: number;
}

interface Remembered {
  readonly entry: RingEntry;
  readonly bytes: number;
}

/** The latest time at which any of these was sent or decided: what a ring that drops them has to remember. */
export function latestOf(
  dropped: readonly RingEntry[],
  earlier: Timestamp | undefined,
): Timestamp | undefined {
  const times = dropped.map(({ outcome, sentAt }) => latest(outcome.at, sentAt));
  return times.reduce<Timestamp | undefined>((last, time) => latest(time, last), earlier);
}

/** Whether the key under which a command came is that command's from now on. */
function bindsKey(outcome: Outcome): boolean {
  // Else the stream knew it to be another one's, or it could not be known.
  const isKeyReused = outcome.status === 'rejected' && outcome.code === KEY_REUSED;
  return !isKeyReused && !isOutcomeUnknown(outcome);
}

/**
 * The one inbox of an entity and the ring of recent outcomes behind it. A command is in at most one of the two, so a
 * repeated one is never decided again. Deterministic: it runs in workflow code.
 */
export class Mailbox {
  private readonly pending: Waiting[] = [];
  /** Of all that wait. */
  private inboxBytes = 0;
  private readonly ring: Remembered[] = [];
  private ringBytes = 0;
  private readonly unkept = new Map<string, RingEntry>();
  private readonly outcomes = new Map<string, Outcome>();
  /** The command each key was first used for. */
  private readonly keys = new Map<string, string>();
  /** Once outcomes were dropped: the latest time among these. */
  evictedUpTo: Timestamp | undefined;

  constructor(ring: Ring = { entries: [] }) {
    this.evictedUpTo = ring.evictedUpTo;
    for (const entry of ring.entries) this.restore(entry);
  }

  get size(): number {
    return this.pending.length;
  }

  /**
   * Takes a command in, once: a known one is not taken again. `false` when it was known. A key that was used for another
   * command is answered at once by `reuse`.
   */
  admit(envelope: CommandEnvelope, reuse: (envelope: CommandEnvelope) => Outcome): boolean {
    // The sender of a command whose outcome could not be known asks again.
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

  /** Learns of outcomes that it did not see; commands that wait and turn out to be settled are not decided again. */
  recall(ring: Ring, reuse: (envelope: CommandEnvelope) => Outcome): void {
    const waiting = this.pending.splice(0);
    this.inboxBytes = 0;
    for (const { envelope } of waiting) this.keys.delete(keyOf(envelope));
    if (ring.evictedUpTo !== undefined) this.evictedUpTo = latest(ring.evictedUpTo, this.evictedUpTo);
    for (const entry of ring.entries) this.restore(entry);
    for (const { envelope } of waiting) this.admit(envelope, reuse);
  }

  /** The commands that came first, up to `limit` and well below what a payload holds. They stay until they are settled. */
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
   * Whether one of these, new as it looks, may have been settled before and dropped from the ring since. One that was sent
   * after all that was dropped cannot; a key may be of any age.
   */
  mayHaveForgotten(batch: readonly CommandEnvelope[]): boolean {
    const { evictedUpTo } = this;
    if (evictedUpTo === undefined) return false;
    return batch.some(({ keyId, sentAt }) => keyId !== undefined || sentAt <= evictedUpTo);
  }

  /** The oldest outcomes that have to be kept outside of the entity, and are not yet. */
  nextUnkept(): readonly RingEntry[] {
    return [...this.unkept.values()].slice(0, UNKEPT_IN_A_REQUEST);
  }

  /** These are kept elsewhere by now. */
  noteKept(entries: readonly RingEntry[]): void {
    for (const { outcome } of entries) this.unkept.delete(outcome.commandId);
  }

  /** Moves commands that were answered from the inbox to the ring; `unkept` are those that no other memory holds. */
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

  /** Whether what waits may cross to the next run. */
  get isSmallEnoughToCarry(): boolean {
    const { inboxBytes, pending } = this;
    // As an array, with its brackets and commas.
    return pending.length === 0 || inboxBytes + pending.length + 1 < MAX_INBOX_BYTES;
  }

  /** What has to cross to the next run. */
  carry(): { ring: Ring; inbox: readonly CommandEnvelope[] } {
    const { ring, unkept, evictedUpTo } = this;
    const inbox = this.pending.map(({ envelope }) => envelope);
    const entries = ring.map(({ entry }) => {
      return unkept.has(entry.outcome.commandId) ? { ...entry, unkept: true as const } : entry;
    });
    return { ring: { entries, ...(evictedUpTo !== undefined && { evictedUpTo }) }, inbox };
  }

  /** Takes an outcome that an earlier run has known, or the stream; one that is known already stays. */
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
    // What is kept elsewhere goes first; of the rest, only what is too much.
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
