import { isSampled, isTracing } from './tracing.js';

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
