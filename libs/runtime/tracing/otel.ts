import {
  type Attributes,
  type Context,
  diag,
  DiagLogLevel,
  type Link,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.js';
import { samplerOf, type SamplerName } from './samplers.js';
import { BoundedExport } from './span-exporter.js';
import type { Span, SpanMaker, SpanStart } from './tracing.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** What is exported, and how. */
export interface OtelOptions {
  /** `service.name`, unless the environment names another. */
  readonly service: string;
  readonly sampler: SamplerName;
  readonly samplerRatio: number;
  /** At most so many spans wait; others are dropped. */
  readonly queueSize: number;
  readonly batchSize: number;
  readonly delayMilliseconds: number;
  readonly exporter: SpanExporter;
  readonly logger: Logger;
}

/** Starts OpenTelemetry's SDK. `close` exports what is waiting. */
export function startOtel(options: OtelOptions): { readonly maker: SpanMaker; close(): Promise<void> } {
  const { service, sampler, samplerRatio, exporter, logger, queueSize } = options;
  const write = (message: string): void => logger.debug({ detail: message }, 'opentelemetry');
  const diagLogger = { error: write, warn: write, info: write, debug: write, verbose: write };
  diag.setLogger(diagLogger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const bounded = new BoundedExport(queueSize, logger);
  const processor = new BatchSpanProcessor({
    exporter: bounded.exporter(exporter),
    maxQueueSize: queueSize,
    maxExportBatchSize: options.batchSize,
    scheduledDelayMillis: options.delayMilliseconds,
  });
  const ours = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'perdure' });
  const provider = new TracerProvider({
    sampler: samplerOf(sampler, samplerRatio),
    spanProcessors: [bounded.processor(processor)],
    resource: ours.merge(detectResources({ detectors: [envDetector] })),
  });
  return { maker: new OtelSpans(provider.getTracer('perdure')), close: () => provider.shutdown() };
}

class OtelSpans implements SpanMaker {
  constructor(private readonly tracer: Tracer) {}

  start({ name, kind = 'internal', parent, links = [], attributes = {} }: Parameters<SpanMaker['start']>[0]) {
    const options = { kind: KINDS[kind], attributes: attributes as Attributes, links: links.map(linkTo) };
    return new OpenSpan(this.tracer.startSpan(name, options, contextOf(parent)));
  }
}

class OpenSpan implements Span {
  readonly traceparent: string;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  note(attributes: NonNullable<SpanStart['attributes']>): void {
    this.span.setAttributes(attributes);
  }

  link(traceparent: string): void {
    this.span.addLink(linkTo(traceparent));
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      this.span.setAttribute('error.type', error instanceof Error ? error.name : 'Error');
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

function linkTo(traceparent: string): Link {
  return { context: spanContextOf(traceparent) };
}

function contextOf(parent: string | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
}

function spanContextOf(traceparent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}
