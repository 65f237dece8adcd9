import { actingIn } from '#libs/core/acting.js';
import type { Accepted } from '#libs/core/outcome.js';
import { latestOf, RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import type { Ring, RingEntry } from '#libs/entity/protocol/entity-messages.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { IndexedCommand } from './command-index.js';

/**
 * The accepted commands of a stream, with their keys and first outcomes. A rejected command leaves
 * no event.
 */
export class SettledCommands {
  private readonly byCommandId = new Map<string, Omit<RingEntry, 'outcome'> & { outcome: Accepted }>();
  private readonly byKeyId = new Map<string, string>();

  /** Adds the next event of the stream. */
  see({ type, revision, metadata }: RecordedEvent): void {
    const { commandId, keyId, at, sentAt = at } = metadata;
    const known = this.byCommandId.get(commandId);
    // An index may be ahead of the reader of the stream.
    if (known && known.outcome.revision >= revision) return;
    const events = [...(known?.outcome.events ?? []), type];
    const acting = actingIn(metadata);
    const outcome: Accepted = { status: 'accepted', commandId, ...acting, revision, events, at };
    this.byCommandId.set(commandId, {
      ...(keyId !== undefined && { keyId }),
      outcome,
      ...(sentAt > at && { sentAt }),
    });
    this.byKeyId.set(keyId ?? commandId, commandId);
  }

  /** Adds a command that an index has found. The events after the index are added by `see`. */
  learn({ keyId, outcome }: IndexedCommand): void {
    this.byCommandId.set(outcome.commandId, { keyId, outcome });
    this.byKeyId.set(keyId, outcome.commandId);
  }

  outcomeOf(commandId: string): Accepted | undefined {
    return this.byCommandId.get(commandId)?.outcome;
  }

  /** The command that a key was used for. */
  commandUnder(keyId: string): string | undefined {
    return this.byKeyId.get(keyId);
  }

  /** The latest of these, as many as an entity keeps. */
  toRing(): Ring {
    const all: RingEntry[] = [...this.byCommandId.values()];
    const evictedUpTo = latestOf(all.slice(0, -RING_SIZE), undefined);
    return { entries: all.slice(-RING_SIZE), ...(evictedUpTo !== undefined && { evictedUpTo }) };
  }
}
