import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { Counter } from 'prom-client';
import { ChangeLog } from '../change-log.js';
import type { Logger } from '../logger.js';

const counted = new Counter({
  name: 'perdure_trace_spans_total',
  help: 'Spans by what became of them: exported, dropped because too many waited, or failed',
  labelNames: ['result'],
});

/** ExportResultCode.SUCCESS */
const EXPORTED = 0;

type Export = Parameters<SpanExporter['export']>;

/** The collector did not take spans. The exporter does not always say why. */
class ExportError extends Error {
  override readonly name = 'ExportError';
}

/**
 * Bounds the spans that wait for a collector, and counts what becomes of each. A collector that is
 * slow or away costs spans, and never makes a command wait.
 */
export class BoundedExport {
  private waiting = 0;
  private readonly changes: ChangeLog;

  constructor(
    private readonly most: number,
    logger: Logger,
  ) {
    this.changes = new ChangeLog(logger);
    for (const result of ['exported', 'dropped', 'failed']) counted.inc({ result }, 0);
  }

  /** An exporter that reports what it could not export, and logs it once per change. */
  exporter(inner: SpanExporter): SpanExporter {
    const handle = (...[spans, done]: Export): void => {
      inner.export(spans, (result) => {
        this.waiting -= spans.length;
        const code: number = result.code;
        const isExported = code === EXPORTED;
        counted.inc({ result: isExported ? 'exported' : 'failed' }, spans.length);
        if (isExported) this.changes.well();
        else this.changes.failing('spans cannot be exported', result.error ?? new ExportError('no reason'));
        done(result);
      });
    };
    return { export: handle, shutdown: () => inner.shutdown() };
  }

  /** A processor that passes spans on while fewer than the limit wait. */
  processor(inner: SpanProcessor): SpanProcessor {
    const onEnd = (span: ReadableSpan): void => {
      if ((span.spanContext().traceFlags & 1) === 0) return;
      if (this.waiting >= this.most) return counted.inc({ result: 'dropped' });
      this.waiting += 1;
      inner.onEnd(span);
    };
    return {
      onStart: (...of) => inner.onStart(...of),
      onEnd,
      forceFlush: () => inner.forceFlush(),
      shutdown: () => inner.shutdown(),
    };
  }
}
