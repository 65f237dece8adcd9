import { type Attributes, isSampled, isTracing } from './tracing.js';

/** After an outage of this length, what is caught up is still traced. */
const RECENT_MILLISECONDS = 3_600_000;

/** An event on its way to the views. */
interface TracedEvent {
  readonly traceparent?: string | undefined;
  readonly recordedAt?: string | undefined;
}

/**
 * The `traceparent` of an event whose way is recorded. Old events have none: a view that is rebuilt
 * years later adds nothing to their traces.
 */
export function recordedTraceOf({ traceparent, recordedAt }: TracedEvent): string | undefined {
  if (!isTracing() || !isSampled(traceparent) || recordedAt === undefined) return undefined;
  return Date.now() - Date.parse(recordedAt) < RECENT_MILLISECONDS ? traceparent : undefined;
}

/** An event as a message of a topic. */
interface EventMessage {
  readonly id: string;
  readonly stream: string;
  readonly commandId: string;
  readonly type: string;
  readonly revision: number;
}

/** The attributes of a span in which an event is sent to its topic, or read from it. */
export function messageAttributes(
  topic: string,
  { id, stream, commandId, type, revision }: EventMessage,
): Attributes {
  return {
    'messaging.destination.name': topic,
    'messaging.message.id': id,
    'messaging.kafka.message.key': stream,
    'perdure.entity': stream,
    'perdure.command.id': commandId,
    'perdure.event.type': type,
    'perdure.revision': revision,
  };
}
