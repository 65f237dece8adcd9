import type { BatchConsumer } from '#libs/kafka/kafka.js';
import { eventually } from './read-path-kit.js';

/** When a poll has ended without records, and so the next has begun. */
export async function polledAgain(consumer: BatchConsumer): Promise<void> {
  const before = consumer.status().lastPollAt;
  const isNew = () => consumer.status().lastPollAt > before && consumer.status().state === 'running';
  await eventually('it polls', isNew, 60_000, 100);
}
