import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is true; false when the time is up. Rejects when `signal` is aborted. */
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
