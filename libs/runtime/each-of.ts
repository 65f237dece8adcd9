/**
 * Does the work for each item, at most `limit` at a time. Throws the first error after all started
 * work has ended.
 */
export async function eachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const lanes = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of left) await work(item);
  });
  const [failed] = (await Promise.allSettled(lanes)).filter(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
