import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { positionOf } from './cloud-event.codec.js';
import type { Kafka } from './kafka.js';
import { statePositionOf } from './state-record.codec.js';

/** How far the topics of a category hold the store, each as the highest position on it; absent when it holds nothing. */
export interface TopicEnds {
  readonly events: bigint | undefined;
  readonly states: bigint | undefined;
}

/**
 * Reads both from the ends of the partitions. Records are committed in the order of the store, so the highest position on a
 * topic covers all before it. States of an older version do not count: their topic is to be filled anew.
 */
export async function readTopicEnds(
  kafka: Kafka,
  category: string,
  stateVersion: number,
): Promise<TopicEnds> {
  const [events, states] = await Promise.all([
    kafka.readTail(eventsTopic(category), positionOf),
    kafka.readTail(stateTopic(category), (record) => statePositionOf(record, stateVersion)),
  ]);
  return { events: highest(events), states: highest(states) };
}

/** The position after which something is missing on either topic; undefined: from the very start. */
export function lowerEnd({ events, states }: TopicEnds): bigint | undefined {
  if (events === undefined || states === undefined) return undefined;
  return events < states ? events : states;
}

/** Whether a topic does not hold this position yet. */
export function isAfter(position: bigint, end: bigint | undefined): boolean {
  return end === undefined || position > end;
}

function highest(positions: readonly bigint[]): bigint | undefined {
  return positions.reduce<bigint | undefined>(
    (max, position) => (max === undefined || position > max ? position : max),
    undefined,
  );
}
