/** Runs `work` for 0, 1, 2 … up to `count`, with this many under way at any time. */
export async function atATime(
  count: number,
  most: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, one));
}
