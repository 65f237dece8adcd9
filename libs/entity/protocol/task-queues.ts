import { taskQueueOf } from '#contracts/services.js';
import { parseStreamName } from '#libs/core/entity-id.js';

/**
 * Into how many partitions task queues are divided, by their names. A queue that is missing is not
 * divided. All processes need the same numbers.
 */
export type Partitions = Readonly<Record<string, number>>;

/** The most partitions of a task queue. */
export const MOST_PARTITIONS = 64;

const NUMBERED = /-\d{1,2}$/;

/** The task queues that take the place of one: `account-0` to `account-3`, or `account` itself. */
export function partitionsOf(queue: string, partitions: Partitions): readonly string[] {
  const count = partitions[queue] ?? 1;
  return count > 1 ? Array.from({ length: count }, (_, index) => partition(queue, index)) : [queue];
}

/** The task queue that an entity belongs to, by its id. */
export function homeQueueOf(stream: string, partitions: Partitions): string {
  const queue = taskQueueOf(parseStreamName(stream)?.category ?? stream);
  const count = partitions[queue] ?? 1;
  return count > 1 ? partition(queue, hashOf(stream) % count) : queue;
}

/** The task queue that this one is a partition of, or the queue itself. */
export function undividedQueueOf(taskQueue: string): string {
  return taskQueue.replace(NUMBERED, '');
}

/**
 * The task queue for the effects of the entities on a task queue, or on its partitions. A
 * participant that does not answer then occupies only workers of effects, never those that load
 * entities and append decisions.
 */
export function effectsQueueOf(taskQueue: string): string {
  return `${undividedQueueOf(taskQueue)}-effects`;
}

/** The task queue for the calls of the flows on a task queue, which may be slow. */
export function callsQueueOf(taskQueue: string): string {
  return `${undividedQueueOf(taskQueue)}-calls`;
}

function partition(queue: string, index: number): string {
  return `${queue}-${index}`;
}

/** FNV-1a, 32 bits (https://datatracker.ietf.org/doc/draft-eastlake-fnv). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
