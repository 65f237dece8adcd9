import { AsyncLocalStorage } from 'node:async_hooks';

/** What a span does for the others: see SpanKind of OpenTelemetry. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** By the semantic conventions, or under `perdure.`. No personal data, and no payloads. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** How a span begins. */
export interface SpanStart {
  /** Few different ones: the type of a command, not its id. */
  readonly name: string;
  readonly kind?: SpanKind;
  /**
   * A `traceparent` (W3C Trace Context). If absent, the span that the work is done in; without one,
   * a new trace.
   */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
}

/** A span in progress. */
export interface Span {
  /** For whatever continues the trace. */
  readonly traceparent: string;
  note(attributes: Attributes): void;
  /** Relates the span to one of another trace. */
  link(traceparent: string): void;
  /** Ends the span. Of an error, it shows the type only. */
  end(error?: unknown): void;
}

/** Makes spans. `links` are known from the start, so that the sampler sees them. */
export interface SpanMaker {
  start(start: SpanStart & { readonly links?: readonly string[] }): Span;
}

let maker: SpanMaker | undefined;
const current = new AsyncLocalStorage<Span>();

/** From now on, this process makes spans; without a maker, it makes none. */
export function makeSpansWith(made: SpanMaker | undefined): void {
  maker = made;
}

/** Whether this process makes spans. It makes none unless tracing is configured. */
export function isTracing(): boolean {
  return maker !== undefined;
}

/** Starts a span. Undefined if this process makes none. */
export function startSpan(start: SpanStart & { readonly links?: readonly string[] }): Span | undefined {
  return maker?.start({ ...start, parent: start.parent ?? current.getStore()?.traceparent });
}

/** Does something in a span of its own, which fails with it. */
export async function inSpan<T>(start: SpanStart, work: (span?: Span) => Promise<T>): Promise<T> {
  const span = startSpan(start);
  if (!span) return work();
  try {
    const result = await whileIn(span, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** Does something in a span that others start and end. */
export function whileIn<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return current.run(span, work);
}

/** The id of the trace that a `traceparent` belongs to. */
export function traceOf(traceparent: string | undefined): string | undefined {
  return traceparent?.split('-', 2)[1];
}

/** Whether the sender that began the trace wants its spans recorded. */
export function isSampled(traceparent: string | undefined): traceparent is string {
  return traceparent !== undefined && (Number.parseInt(traceparent.slice(-2), 16) & 1) === 1;
}
