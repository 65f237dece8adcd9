import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { Ring, RingEntry } from '#libs/entity/protocol/entity-messages.js';
import { latestOf, RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import { Patience } from './patience.js';
import type { OutcomeMemory } from './outcome-memory.js';

/**
 * The ring of an entity that is loaded from its stream: the outcomes known from the stream, and the
 * latest in the memory of outcomes. If these may not be all, every command with a key is looked up
 * from now on.
 */
export async function withLatestKept(
  memory: OutcomeMemory | undefined,
  stream: string,
  ring: Ring,
  now: Timestamp,
): Promise<Ring> {
  if (!memory) return ring;
  const kept = await new Patience().answerTo(() => memory.latest(stream, RING_SIZE));
  const accepted = new Set(ring.entries.map(({ outcome }) => outcome.commandId));
  const rejected = kept?.entries.filter(({ outcome }) => !accepted.has(outcome.commandId)) ?? [];
  const all = [...ring.entries, ...rejected].sort(byTime);
  const isWhole = kept !== undefined && !kept.hasMore && all.length <= RING_SIZE;
  // Commands in the memory of outcomes have keys; those without one are all in the ring of the
  // stream.
  const evictedUpTo = isWhole
    ? ring.evictedUpTo
    : latestOf(all.slice(0, -RING_SIZE), latest(now, ring.evictedUpTo));
  return { entries: all.slice(-RING_SIZE), ...(evictedUpTo !== undefined && { evictedUpTo }) };
}

function byTime({ outcome: a }: RingEntry, { outcome: b }: RingEntry): number {
  return a.at < b.at ? -1 : Number(a.at > b.at);
}
