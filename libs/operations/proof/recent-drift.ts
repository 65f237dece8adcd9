import type { FoundDrift } from './drift.js';

/** A difference that was found not long ago. */
export interface RecentDrift extends Pick<FoundDrift, 'kind' | 'stream' | 'where' | 'healed'> {
  readonly at: string;
}

/** An entity at which the doctor found nothing, or healed all that it found. */
export interface ProvenStream {
  readonly stream: string;
  readonly at: string;
}

const REMEMBERED_MILLISECONDS = 60 * 60_000;
const MOST = 20;

const found = new Map<string, RecentDrift>();
const proven = new Map<string, ProvenStream>();

/** Remembers a difference for an hour: of very many, the latest. */
export function noteDrift({ kind, stream, where, healed }: FoundDrift): void {
  const at = new Date().toISOString();
  const one = { at, kind, stream, ...(where !== undefined && { where }), healed };
  keep(found, `${kind} ${stream} ${where ?? ''}`, one);
}

/**
 * Remembers that the doctor leaves an entity without a difference, which settles what was found
 * before, by whichever process. It does not settle the topic of an entity, which is compared only
 * with all others.
 */
export function noteProven(stream: string): void {
  keep(proven, stream, { stream, at: new Date().toISOString() });
  for (const [key, one] of found) if (one.stream === stream && one.kind !== 'topic') found.delete(key);
}

function keep<Kept>(all: Map<string, Kept>, key: string, one: Kept): void {
  all.delete(key);
  all.set(key, one);
  const [oldest = ''] = all.keys();
  if (all.size > MOST) all.delete(oldest);
}

/** The differences that this process has found within the last hour. */
export function recentDrift(): readonly RecentDrift[] {
  return recentIn(found);
}

/** The entities that its doctor has proven within the last hour. */
export function recentlyProven(): readonly ProvenStream[] {
  return recentIn(proven);
}

function recentIn<Kept extends { readonly at: string }>(all: ReadonlyMap<string, Kept>): readonly Kept[] {
  const since = Date.now() - REMEMBERED_MILLISECONDS;
  return [...all.values()].filter(({ at }) => Date.parse(at) >= since);
}
