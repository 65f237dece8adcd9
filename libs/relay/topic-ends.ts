import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { stateEndOf } from './state-record.codec.js';

/** How far the topics of a category hold the store, as positions; each is absent when there is nothing yet. */
export interface TopicEnds {
  /** Every event up to here is on the topic of events. */
  readonly events: bigint | undefined;
  /** Of every entity the topic of states holds, in this version, what it was after its last event up to here or later. */
  readonly states: bigint | undefined;
  /** No state on the topic, of whatever version, is of a later event. */
  readonly lastState: bigint | undefined;
}

/**
 * Reads them from the ends of the partitions. The record that was committed last is at one of them, so the highest of what
 * they say covers all before it.
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

/** The highest position of all that are there. */
export function highest(positions: readonly (bigint | undefined)[]): bigint | undefined {
  return positions.reduce<bigint | undefined>(
    (max, position) => (position !== undefined && isAfter(position, max) ? position : max),
    undefined,
  );
}
