/**
 * The answer, or what `late` gives when the answer takes longer. If the answer then fails, nobody hears of it. The timer ends with
 * the answer.
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

/** The answer; fails with `late` when it takes longer. */
export function withinOrFail<T>(answer: Promise<T>, milliseconds: number, late: Error): Promise<T> {
  return within(answer, milliseconds, (): never => {
    throw late;
  });
}
