/** Something was still under way when its time to stop had come. */
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** The promise; or, when the signal aborts and `milliseconds` more have passed, a {@link StoppedError}. */
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
