import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { loadOffsets } from '#libs/read-model/partition-offset.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { revisionOf } from '#libs/read-model/view-revision.js';

const PATIENCE_MILLISECONDS = 5_000;
const PAUSE_MILLISECONDS = 100;

/**
 * Whether a view has skipped an event on its topic, rather than lags: the relay has passed the
 * event, and the view has applied everything that was on the topic then, but still does not show
 * the event.
 */
export async function isPassedOver(
  { pool, kafka }: { readonly pool: Pool; readonly kafka: Kafka },
  view: AnyView,
  event: RecordedEvent,
): Promise<boolean> {
  const topic = eventsTopic(view.category);
  const ends = await kafka.readTail(topic, (record) => {
    const position = positionOf(record);
    return position === undefined ? undefined : { ...record, position };
  });
  const isRelayed = ends.some(({ position }) => position >= BigInt(event.position));
  if (!isRelayed) return false;
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const applied = await loadOffsets(pool, viewKey(view), topic);
    const isPast = ends.every(({ partition, offset }) => (applied.get(partition) ?? 0n) > offset);
    if (isPast) return (await revisionOf(pool, view, event.stream)) < event.revision;
    if (Date.now() > deadline) return false;
    await sleep(PAUSE_MILLISECONDS);
  }
}
