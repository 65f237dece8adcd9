import { eventsTopic } from '#contracts/entity-contract.js';
import { inBatch } from '#libs/runtime/tracing/batch-span.js';
import { messageAttributes, recordedTraceOf } from '#libs/runtime/tracing/recent-event.js';
import { isTracing, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import type { RelayedEvent } from './relay-source.js';

/**
 * Publishes events, each in a span of its trace. Their records carry the `traceparent` of that
 * span.
 */
export function tracedRelay(
  events: readonly RelayedEvent[],
  publish: (events: readonly RelayedEvent[]) => Promise<void>,
): Promise<void> {
  if (!isTracing()) return publish(events);
  const attributes = { ...SENDING, 'messaging.batch.message_count': events.length };
  const shared: SpanStart = { name: 'send batch', kind: 'client', attributes };
  return inBatch({ members: events.map(sendStart), shared }, (traceparents) =>
    publish(events.map((event, index) => withTraceparent(event, traceparents[index]))),
  );
}

const SENDING = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
};

function sendStart({ category, stream, commandId, event }: RelayedEvent): SpanStart | undefined {
  const { recordedAt, type, revision, id } = event;
  const parent = recordedTraceOf({ recordedAt, traceparent: event.metadata.traceparent });
  if (parent === undefined) return undefined;
  const topic = eventsTopic(category);
  return {
    name: `send ${topic}`,
    kind: 'producer',
    parent,
    attributes: {
      ...SENDING,
      ...messageAttributes(topic, { id, stream, commandId, type, revision }),
    },
  };
}

function withTraceparent(event: RelayedEvent, traceparent: string | undefined): RelayedEvent {
  if (traceparent === undefined) return event;
  const { message } = event;
  return { ...event, message: { ...message, headers: { ...message.headers, traceparent } } };
}
