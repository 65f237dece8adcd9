import { setTimeout as delay } from 'node:timers/promises';

/** Polls until the answer is true, or returns false on a time-out. Rejects if `signal` aborts. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  options: { timeoutMs: number; intervalMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const { timeoutMs, intervalMs = 100, signal } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await isSo()) return true;
    if (Date.now() >= deadline) return false;
    await delay(intervalMs, undefined, signal ? { signal } : {});
  }
}
