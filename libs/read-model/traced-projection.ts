import type { PublishedEvent } from '#libs/core/published-event.js';
import { inBatch } from '#libs/runtime/tracing/batch-span.js';
import { messageAttributes, recordedTraceOf } from '#libs/runtime/tracing/recent-event.js';
import { inSpan, isTracing, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import type { DecodedBatch } from './decoded-batch.js';

/**
 * Applies batches to views in one transaction, each event in a span of its trace that ends when its
 * rows are committed.
 */
export function tracedProjection<T>(
  batches: readonly DecodedBatch[],
  views: ReadonlySet<string>,
  transact: () => Promise<T>,
): Promise<T> {
  if (!isTracing()) return transact();
  const members = batches.flatMap((batch) => batch.events.map((event) => processStart(batch, event)));
  const attributes = { ...PROCESSING, 'messaging.batch.message_count': members.length };
  const transaction: SpanStart = {
    name: 'transaction',
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': 'transaction',
      'db.namespace': 'read_model',
      'perdure.views': [...views].join(' '),
    },
  };
  if (members.every((member) => member === undefined)) return transact();
  return inBatch({ members, shared: { name: 'process batch', attributes } }, () =>
    inSpan(transaction, transact),
  );
}

const PROCESSING = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
};

function processStart({ topic, partition }: DecodedBatch, event: PublishedEvent): SpanStart | undefined {
  const parent = recordedTraceOf(event);
  if (parent === undefined) return undefined;
  return {
    name: `process ${topic}`,
    kind: 'consumer',
    parent,
    attributes: {
      ...PROCESSING,
      ...messageAttributes(topic, event),
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(event.published?.offset ?? -1),
    },
  };
}
