/** Something was still running when its time to stop was over. */
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/**
 * The promise, or a {@link StoppedError} when the signal has aborted and `milliseconds` more have
 * passed.
 */
export function unlessStopped<T>(work: Promise<T>, signal: AbortSignal, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      timer = setTimeout(() => reject(new StoppedError('stopped before it was done')), milliseconds);
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(settle);
  });
}
