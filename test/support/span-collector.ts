import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

/** A span as a collector gets it in OTLP JSON, with its attributes as an object. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isFailed: boolean;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Attribute[];
  readonly links?: CollectedSpan['links'];
  readonly status?: { readonly code?: number };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** Takes spans by OTLP over HTTP, in JSON. */
export class SpanCollector {
  readonly spans: CollectedSpan[] = [];
  private server: Server | undefined;

  /** Listens at the address that the services export to. */
  async listen(): Promise<void> {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.spans.push(...spansIn(JSON.parse(Buffer.concat(parts).toString()) as OtlpRequest));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const { port } = new URL(String(process.env['OTEL_EXPORTER_OTLP_ENDPOINT']));
    this.server.listen(Number(port), '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** The spans of a trace, by their starts. */
  of(trace: string): readonly CollectedSpan[] {
    return this.spans
      .filter(({ traceId }) => traceId === trace)
      .sort((one, other) => one.start - other.start);
  }
}

function spansIn({ resourceSpans }: OtlpRequest): readonly CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => collected(service, span)));
  });
}

function collected(service: string, span: OtlpSpan): CollectedSpan {
  const { traceId, spanId, parentSpanId = '', name, links = [] } = span;
  return {
    ...{ service, traceId, spanId, parentSpanId, name, links },
    start: millisecondsOf(span.startTimeUnixNano),
    end: millisecondsOf(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes ?? []),
    isFailed: span.status?.code === 2,
  };
}

function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** Exact to the microsecond. */
function millisecondsOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000n) / 1_000;
}
