import type { FoundDrift } from './drift.js';

/** A difference that was found not long ago. */
export interface RecentDrift extends Pick<FoundDrift, 'kind' | 'stream' | 'where' | 'healed'> {
  readonly at: string;
}

const REMEMBERED_MILLISECONDS = 60 * 60_000;
const MOST = 20;

const found = new Map<string, RecentDrift>();

/** Remembers a difference for an hour: of very many, the latest. */
export function noteDrift({ kind, stream, where, healed }: FoundDrift): void {
  const key = `${kind} ${stream} ${where ?? ''}`;
  found.delete(key);
  const at = new Date().toISOString();
  found.set(key, { at, kind, stream, ...(where !== undefined && { where }), healed });
  const [oldest = ''] = found.keys();
  if (found.size > MOST) found.delete(oldest);
}

/** The differences that this process has found within the last hour. */
export function recentDrift(): readonly RecentDrift[] {
  const since = Date.now() - REMEMBERED_MILLISECONDS;
  return [...found.values()].filter(({ at }) => Date.parse(at) >= since);
}
