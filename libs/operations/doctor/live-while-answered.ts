import type { LiveEntities } from '#libs/entity/gateway/live-entities.js';

/** This many silent entities in a row mean that Temporal or the workers are unavailable. */
const SILENT_IN_A_ROW = 8;
const PAUSE_MILLISECONDS = 30_000;

/**
 * Asks running entities as long as they answer. Each silent one costs a time-out, and there may be
 * a million of them. After several silent ones in a row, none is asked for half a minute, and all
 * are reported as `silent` during that time.
 */
export function liveWhileAnswered(live: LiveEntities, now: () => number = Date.now): LiveEntities {
  let silentInARow = 0;
  let pausedUntil = -Infinity;
  return {
    async fold(stream) {
      if (now() < pausedUntil) return 'silent';
      const answer = await live.fold(stream);
      silentInARow = answer === 'silent' ? silentInARow + 1 : 0;
      if (silentInARow >= SILENT_IN_A_ROW) pausedUntil = now() + PAUSE_MILLISECONDS;
      return answer;
    },
    refold: (stream, revision) => live.refold(stream, revision),
    wake: (stream) => live.wake(stream),
  };
}
