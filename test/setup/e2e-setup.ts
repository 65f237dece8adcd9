import { freePorts } from '#tools/dev-stack/port.js';
import { openServices } from '#tools/dev-stack/test-stack.js';

/** Otherwise a lost saga is found after a minute. */
process.env['SWEEP_PATIENCE_SECONDS'] ??= '4';

/** Otherwise a step is overdue after five minutes. */
process.env['SAGA_OVERDUE_SECONDS'] ??= '3';

/** Scenarios run in the year 2100. */
process.env['CLOCK_TOLERANCE_SECONDS'] ??= '3155760000';

/** Only the test that breaks something heals it. */
process.env['RECONCILE_SECONDS'] ??= '0';

/**
 * What a sender wants recorded goes to a collector, which only the test of it runs. For all others
 * the collector is away, and nothing is recorded.
 */
async function traceToCollector(): Promise<void> {
  const [port] = await freePorts(1);
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= `http://127.0.0.1:${port}`;
  process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] ??= 'http/json';
  process.env['OTEL_TRACES_SAMPLER'] ??= 'parentbased_always_off';
  process.env['OTEL_BSP_SCHEDULE_DELAY'] ??= '200';
  process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] ??= '500';
}

export default async function setUp(): Promise<void> {
  await traceToCollector();
  await openServices();
}
