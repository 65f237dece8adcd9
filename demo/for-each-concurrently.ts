import { Pace } from './pace.js';

/**
 * Runs `work` on all items in order, at an adaptive pace and at most `most` at a time. Starts
 * nothing after the first failure.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const pace = new Pace(most);
  let hasFailed = false;
  const one = async (item: T): Promise<void> => {
    if (hasFailed) return;
    try {
      await work(item);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  await Promise.all(Array.from(items, (item) => pace.run(() => one(item))));
}
