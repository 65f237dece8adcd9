import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { ConfigError } from '#libs/api/http/read-config.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { SamplerName } from '#libs/runtime/tracing/samplers.js';
import { makeSpansWith } from '#libs/runtime/tracing/tracing.js';

const truth = z.stringbool('must be true or false');
const positive = z.coerce.number().int().min(1);
const SAMPLERS: readonly [SamplerName, ...SamplerName[]] = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
];

/**
 * The standard environment variables of OpenTelemetry that we read. The SDK reads those of the
 * resource and of the exporter itself.
 */
export const tracingVariables = {
  OTEL_SDK_DISABLED: truth.default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'], 'must be http/protobuf or http/json')
    .default('http/protobuf'),
  /** Often holds a key. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`).default(SAMPLERS[0]),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: positive.default(5_000),
  OTEL_BSP_MAX_QUEUE_SIZE: positive.default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: positive.default(512),
};

type TracingConfig = z.output<z.ZodObject<typeof tracingVariables>>;

/** Whether spans are made, until `close`. A class, so that Nest can inject it. */
export abstract class Tracing {
  abstract readonly isOn: boolean;
  /** Exports what is waiting, for a second at most. */
  abstract close(): Promise<void>;
}

/** How long a process that stops waits for its collector. */
const LAST_EXPORT_MILLISECONDS = 1_000;

/**
 * Starts to make and export spans, if the environment names a collector. Without one, the SDK is
 * not loaded. Throws `ConfigError` if headers cannot be read.
 */
export async function startTracing(service: string, config: TracingConfig, logger: Logger): Promise<Tracing> {
  if (!isWanted(config)) return { isOn: false, close: async () => undefined };
  const exporter = await exporterOf(config);
  const { startOtel } = await import('#libs/runtime/tracing/otel.js');
  const { maker, close } = startOtel({
    service,
    sampler: config.OTEL_TRACES_SAMPLER,
    samplerRatio: config.OTEL_TRACES_SAMPLER_ARG,
    queueSize: config.OTEL_BSP_MAX_QUEUE_SIZE,
    batchSize: Math.min(config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, config.OTEL_BSP_MAX_QUEUE_SIZE),
    delayMilliseconds: config.OTEL_BSP_SCHEDULE_DELAY,
    exporter,
    logger,
  });
  makeSpansWith(maker);
  return {
    isOn: true,
    close: async () => {
      makeSpansWith(undefined);
      const isLate = new Promise<void>((resolve) => setTimeout(resolve, LAST_EXPORT_MILLISECONDS).unref());
      await Promise.race([close(), isLate]);
    },
  };
}

function isWanted(config: TracingConfig): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER: exporter } = config;
  const endpoint = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT;
  return !OTEL_SDK_DISABLED && exporter !== 'none' && (exporter === 'otlp' || endpoint !== undefined);
}

async function exporterOf(config: TracingConfig): Promise<SpanExporter> {
  const headers = headersIn(config.OTEL_EXPORTER_OTLP_HEADERS);
  const { OTLPTraceExporter } =
    config.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  const url = urlOf(config);
  return new OTLPTraceExporter({ headers, ...(url !== undefined && { url }) });
}

/** The address for traces is used as it is, and the address for all signals is where they begin. */
function urlOf(config: TracingConfig): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ofTraces, OTEL_EXPORTER_OTLP_ENDPOINT: ofAll } = config;
  return ofTraces ?? (ofAll && `${ofAll.replace(/\/+$/, '')}/v1/traces`);
}

/** `name=value` pairs, separated by commas, with values that may be percent-encoded. */
function headersIn(text = ''): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  const headers = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new ConfigError('OTEL_EXPORTER_OTLP_HEADERS: must be name=value, separated by commas');
    return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())];
  });
  return Object.fromEntries(headers);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new ConfigError('OTEL_EXPORTER_OTLP_HEADERS: a value is not percent-encoded correctly');
  }
}
