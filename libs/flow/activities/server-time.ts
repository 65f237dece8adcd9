import { asyncLocalStorage } from '@temporalio/activity';

/**
 * Begins to measure an attempt. Returns the time of its end in milliseconds, by the clock of
 * Temporal: that of this machine may be hours off. None for a local activity, and outside of one.
 */
export function serverTime(): () => { readonly at?: number } {
  const info = asyncLocalStorage.getStore()?.info;
  if (!info || info.isLocal) return () => ({});
  const startedAt = performance.now();
  return () => ({
    at: info.currentAttemptScheduledTimestampMs + Math.round(performance.now() - startedAt),
  });
}
