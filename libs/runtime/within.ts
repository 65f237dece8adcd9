/**
 * The answer, or the result of `late` if the answer takes longer. A later failure of the answer is
 * ignored.
 */
export function within<T, Late>(
  answer: Promise<T>,
  milliseconds: number,
  late: () => Late,
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  }).then(late);
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}

/** The answer. Rejects with `late` if it takes longer. */
export function withinOrFail<T>(answer: Promise<T>, milliseconds: number, late: Error): Promise<T> {
  return within(answer, milliseconds, (): never => {
    throw late;
  });
}
