import { isSampled, isTracing, type Span, type SpanStart, startSpan, traceOf, whileIn } from './tracing.js';

/** Work that is done for several members at once, such as the commands of an append. */
export interface Batch<Result> {
  /** By member, how its own span begins; undefined for a member without one. */
  readonly members: readonly (SpanStart | undefined)[];
  /** How the span that all share begins. */
  readonly shared: SpanStart;
  /** Describes the spans of the members with the result. */
  readonly describe?: (result: Result, spans: readonly (Span | undefined)[]) => void;
}

/**
 * Does work for several members at once. Each has a span in its own trace. If there are several,
 * the work itself has one span, linked with all of them: it belongs to their trace if they share
 * one, and otherwise to none of them. `work` gets the `traceparent` of each member's span.
 */
export async function inBatch<Result>(
  { members, shared: start, describe }: Batch<Result>,
  work: (traceparents: readonly (string | undefined)[]) => Promise<Result>,
): Promise<Result> {
  if (!isTracing()) return work(members.map(() => undefined));
  const spans = members.map((start) => start && startSpan(start));
  const traceparents = spans.map((span) => span?.traceparent);
  const shared = sharedSpan(start, spans);
  const ofWork = shared ?? spans.find((span) => span !== undefined);
  const end = (error?: unknown): void => {
    for (const span of new Set([ofWork, ...spans])) span?.end(error);
  };
  try {
    const result = await (ofWork ? whileIn(ofWork, () => work(traceparents)) : work(traceparents));
    describe?.(result, spans);
    end();
    return result;
  } catch (error) {
    end(error);
    throw error;
  }
}

/** Undefined if fewer than two members are recorded. */
function sharedSpan(start: SpanStart, spans: readonly (Span | undefined)[]): Span | undefined {
  const recorded = spans.flatMap((span) => (span && isSampled(span.traceparent) ? [span] : []));
  const [first, ...others] = recorded;
  if (!first || others.length === 0) return undefined;
  const links = recorded.map(({ traceparent }) => traceparent);
  const isOneTrace = new Set(links.map(traceOf)).size === 1;
  const shared = startSpan({ ...start, links, ...(isOneTrace && { parent: first.traceparent }) });
  if (shared) for (const member of recorded) member.link(shared.traceparent);
  return shared;
}
