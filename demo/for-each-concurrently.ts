import { Pace } from './pace.js';

/** Runs `work` over all items, at a pace of its own up to `most` at a time; begins no more of it after the first failure. */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const pace = new Pace(most);
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (let isOver = false; !isOver && !hasFailed;) {
      await pace.run(async () => {
        const next = iterator.next();
        isOver = next.done === true;
        if (next.done || hasFailed) return;
        await work(next.value).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        });
      });
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}
