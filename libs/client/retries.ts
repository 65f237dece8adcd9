/** How a request is retried after a 503, a 429 or a broken connection. */
export interface Retries {
  /** The most attempts, the first included. Default: 6. */
  readonly attempts?: number;
  /** The first pause; each next one is twice as long. Default: 200 ms. */
  readonly firstMilliseconds?: number;
  /** The longest pause, also if the server asks for a longer one. Default: 5 s. */
  readonly mostMilliseconds?: number;
}

/** Whether the same request may succeed later. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/**
 * The pause after an attempt, in milliseconds; undefined after the last one. It is random, so that
 * clients which failed together do not return together, and not shorter than the server asks for.
 */
export function pauseAfter(
  attempt: number,
  { attempts = 6, firstMilliseconds = 200, mostMilliseconds = 5_000 }: Retries,
  retryAfterSeconds = 0,
): number | undefined {
  if (attempt >= attempts) return undefined;
  const grown = Math.min(firstMilliseconds * 2 ** (attempt - 1), mostMilliseconds);
  const asked = Math.min(retryAfterSeconds * 1_000, mostMilliseconds);
  return Math.max(asked, grown / 2 + (Math.random() * grown) / 2);
}

/** Resolves after that time, or rejects with the reason of the signal. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
