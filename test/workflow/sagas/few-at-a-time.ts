const SIDE_BY_SIDE = 10;

/** Does the same for each, in order, a few at a time: more would only wait for each other. */
export async function fewAtATime<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...all.entries()];
  const acting = Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await act(next[1]);
  });
  await Promise.all(acting);
  return results;
}
