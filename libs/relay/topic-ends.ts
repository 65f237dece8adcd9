import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { stateEndOf } from './state-record.codec.js';

/**
 * How far the topics of a category are, as positions in the store. Each is absent if there is
 * nothing yet.
 */
export interface TopicEnds {
  /** Every event up to here is on the event topic. */
  readonly events: bigint | undefined;
  /**
   * For every entity, the state topic holds its state, of this version, after its last event up to
   * here, or a later one.
   */
  readonly states: bigint | undefined;
  /** No state on the topic, of any version, is of a later event. */
  readonly lastState: bigint | undefined;
}

/**
 * Reads the ends from the last records of the partitions. The record committed last is among them,
 * so the highest values cover everything before it.
 */
export async function readTopicEnds(
  kafka: Kafka,
  category: string,
  stateVersion: number,
): Promise<TopicEnds> {
  const [events, states] = await Promise.all([
    kafka.readTail(eventsTopic(category), positionOf),
    kafka.readTail(stateTopic(category), (record) => stateEndOf(record, stateVersion)),
  ]);
  return {
    events: highest(events),
    states: highest(states.map(({ filled }) => filled)),
    lastState: highest(states.map(({ relayed }) => relayed)),
  };
}

/** Whether a topic does not hold this position yet. */
export function isAfter(position: bigint, end: bigint | undefined): boolean {
  return end === undefined || position > end;
}

/** The highest of the given positions. */
export function highest(positions: readonly (bigint | undefined)[]): bigint | undefined {
  return positions.reduce<bigint | undefined>(
    (max, position) => (position !== undefined && isAfter(position, max) ? position : max),
    undefined,
  );
}
