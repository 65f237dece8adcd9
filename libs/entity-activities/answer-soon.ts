import { setTimeout as pause } from 'node:timers/promises';

/** What is slower than this is done without. */
const PATIENCE_MILLISECONDS = 500;

/** The answer of a server that commands can do without, or undefined when it fails or takes long. */
export async function answerSoon<T>(answer: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = pause(PATIENCE_MILLISECONDS, undefined, { signal: timer.signal });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]).catch(() => undefined);
  } finally {
    timer.abort();
  }
}
