import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { Ring, RingEntry } from './entity-messages.js';

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

/** An outcome, and its size as JSON, which is computed once. */
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

/**
 * The recent outcomes of an entity, limited in number and size. The oldest is forgotten first.
 * Deterministic, because it runs in workflow code.
 */
export class OutcomeRing {
  private readonly ring: Remembered[] = [];
  private ringBytes = 0;
  private readonly unkept = new Map<string, RingEntry>();
  private readonly outcomes = new Map<string, Outcome>();
  /** The command that each key was first used for. */
  private readonly keys = new Map<string, string>();
  private evicted: Timestamp | undefined;

  /** As in {@link Ring}. */
  get evictedUpTo(): Timestamp | undefined {
    return this.evicted;
  }

  outcomeOf(commandId: string): Outcome | undefined {
    return this.outcomes.get(commandId);
  }

  /** The command that a key belongs to. */
  commandWith(keyId: string): string | undefined {
    return this.keys.get(keyId);
  }

  /** Adds outcomes from an earlier run or the stream. An outcome that is known already stays. */
  restore({ entries, evictedUpTo }: Ring): void {
    if (evictedUpTo !== undefined) this.evicted = latest(evictedUpTo, this.evicted);
    for (const { keyId, outcome, unkept, sentAt } of entries) {
      const { commandId } = outcome;
      const known = this.outcomes.get(commandId);
      if (known && (isOutcomeUnknown(outcome) || !isOutcomeUnknown(known))) continue;
      if (known) this.forget(commandId);
      const key = isOutcomeUnknown(outcome) ? undefined : (keyId ?? commandId);
      this.remember(key, outcome, unkept, sentAt);
    }
  }

  /** Adds an outcome. `isUnkept`: it is not in any other memory yet. */
  remember(
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

  forget(commandId: string): void {
    const index = this.ring.findIndex(({ entry }) => entry.outcome.commandId === commandId);
    const [forgotten] = index < 0 ? [] : this.ring.splice(index, 1);
    if (!forgotten) return;
    const keyId = forgotten.entry.keyId ?? commandId;
    this.ringBytes -= forgotten.bytes;
    this.outcomes.delete(commandId);
    this.unkept.delete(commandId);
    if (this.keys.get(keyId) === commandId) this.keys.delete(keyId);
  }

  /**
   * Whether any of these commands may have been settled before and dropped since. A command sent
   * after everything that was dropped cannot have been, but a key may be of any age.
   */
  mayHaveForgotten(batch: readonly CommandEnvelope[]): boolean {
    const { evicted } = this;
    if (evicted === undefined) return false;
    return batch.some(({ keyId, sentAt }) => keyId !== undefined || sentAt <= evicted);
  }

  /** The oldest outcomes that must be kept outside the entity, and are not yet. */
  nextUnkept(): readonly RingEntry[] {
    return [...this.unkept.values()].slice(0, UNKEPT_IN_A_REQUEST);
  }

  /** Notes that these outcomes are kept elsewhere now. */
  noteKept(entries: readonly RingEntry[]): void {
    for (const { outcome } of entries) this.unkept.delete(outcome.commandId);
  }

  /** What the next run needs. */
  carry(): Ring {
    const { ring, unkept, evicted } = this;
    const entries = ring.map(({ entry }) => {
      return unkept.has(entry.outcome.commandId) ? { ...entry, unkept: true as const } : entry;
    });
    return { entries, ...(evicted !== undefined && { evictedUpTo: evicted }) };
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
    this.evicted = latestOf([oldest.entry], this.evicted);
    this.forget(oldest.entry.outcome.commandId);
  }
}
