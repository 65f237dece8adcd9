import type { KeptOutcome, OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import type { RingEntry } from '#libs/entity/protocol/entity-messages.js';
import { moment } from './moments.js';

/**
 * The memory of outcomes in memory, for tests. It behaves like the real one at the port, and is
 * unavailable on demand.
 */
export class MemoryOutcomeMemory implements OutcomeMemory {
  isAway = false;
  private readonly streams = new Map<string, Map<string, KeptOutcome>>();

  async keep(stream: string, entries: readonly RingEntry[]): Promise<void> {
    const kept = this.keptOf(stream);
    for (const { keyId, outcome } of entries) {
      const { commandId, actor, revision } = outcome;
      if ((kept.get(commandId)?.revision ?? -1) > revision) continue;
      kept.delete(commandId);
      const key = keyId !== undefined && keyId !== commandId ? { keyId } : {};
      const of = { ...key, commandId, ...(actor !== undefined && { actor }), revision };
      kept.set(commandId, { ...of, at: moment(), outcome });
    }
  }

  async find(stream: string, ids: readonly string[]): Promise<readonly KeptOutcome[]> {
    const isOneOf = ({ commandId, keyId = commandId }: KeptOutcome) =>
      ids.includes(commandId) || ids.includes(keyId);
    return [...this.keptOf(stream).values()].filter(isOneOf);
  }

  async latest(stream: string, limit: number) {
    const all = [...this.keptOf(stream).values()];
    const entries = all.slice(-limit).flatMap(({ keyId, outcome }): RingEntry[] => {
      return outcome ? [{ ...(keyId !== undefined && { keyId }), outcome }] : [];
    });
    return { entries, hasMore: entries.length < all.length };
  }

  /** As after a day: of the outcomes kept so far, only their existence is known. */
  trim(): void {
    for (const kept of this.streams.values()) {
      for (const [commandId, { outcome: _, ...rest }] of kept) kept.set(commandId, rest);
    }
  }

  private keptOf(stream: string): Map<string, KeptOutcome> {
    if (this.isAway) throw new Error('the memory of outcomes is unavailable');
    const kept = this.streams.get(stream) ?? new Map<string, KeptOutcome>();
    this.streams.set(stream, kept);
    return kept;
  }
}
