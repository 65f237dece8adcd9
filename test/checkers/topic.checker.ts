import { type EventFact, groupBy, type RecordFact } from './facts.js';

/**
 * I5: on the topic, each key is a stream, in one partition, with each of its revisions once and in
 * order. Topic and store have the same events.
 */
export function checkTopic(events: readonly EventFact[], records: readonly RecordFact[]): string[] {
  const violations: string[] = [];
  const stored = new Map(events.map((event) => [event.id, event]));
  for (const [key, own] of groupBy(records, (record) => record.key)) {
    const partitions = new Set(own.map(({ partition }) => partition));
    if (partitions.size > 1) violations.push(`${key} is in the partitions ${[...partitions].join(', ')}`);
    const inOrder = own.toSorted((one, other) => Number(one.offset - other.offset));
    const wrong = inOrder.findIndex(({ revision }, index) => revision !== index);
    if (wrong >= 0) {
      violations.push(`${key} has revision ${inOrder[wrong]?.revision} on the topic in place of ${wrong}`);
    }
  }
  for (const { key, id, revision } of records) {
    const event = stored.get(id);
    if (!event) violations.push(`${key} has the event ${id} on the topic, which no stream holds`);
    else if (event.stream !== key || event.revision !== revision) {
      violations.push(
        `the event ${id} is ${key}@${revision} on the topic, ${event.stream}@${event.revision} in the store`,
      );
    }
  }
  const published = groupBy(records, (record) => record.id);
  for (const { id, stream, revision } of stored.values()) {
    const times = published.get(id)?.length ?? 0;
    if (times !== 1) violations.push(`${stream}@${revision} is ${times} times on the topic`);
  }
  return violations;
}
