import { setFlagsFromString } from 'node:v8';
import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogFields } from './log-fields.js';
import type { Logger } from './logger.js';
import { readTemporalMetricsAt } from './temporal-metrics.js';

/**
 * Stack frames kept in the sandbox. The SDK takes a stack of every promise in workflow code;
 * keeping it cost more than half of the workflow thread's time.
 */
const SANDBOX_STACK_FRAMES = 0;

/** The core serves its metrics on a port of this range, to this process only. */
const FIRST_PORT = 49_152;
const PORTS = 16_384;
const TRIES = 20;

let isInstalled = false;

/**
 * Once per process, before any worker: the process handles signals itself, the core logs through
 * our logger, and its metrics are in {@link temporalMetrics}.
 */
export function installTemporalRuntime(logger: Logger): void {
  if (isInstalled) return;
  isInstalled = true;
  // For contexts created from now on, which are the sandboxes. This context keeps its own limit.
  setFlagsFromString(`--stack-trace-limit=${SANDBOX_STACK_FRAMES}`);
  for (let tries = 1; ; tries += 1) {
    const address = `127.0.0.1:${FIRST_PORT + Math.floor(Math.random() * PORTS)}`;
    try {
      install(logger, address);
      return readTemporalMetricsAt(`http://${address}/metrics`);
    } catch (error) {
      // Most likely, the port is taken.
      if (tries === TRIES) throw error;
    }
  }
}

function install(logger: Logger, bindAddress: string): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', (entry) => logEntry(logger, entry)),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      // With the SDK's own names, which Temporal's dashboards use.
      metrics: { prometheus: { bindAddress } },
    },
  });
}

function logEntry(logger: Logger, { level, message, meta }: LogEntry): void {
  logger[level === 'ERROR' ? 'error' : 'warn'](fieldsOf(meta), message);
}

/**
 * What Temporal's SDK says of a line, under our names. The id of a workflow is the stream of its
 * entity. What it says besides is left out, because it may hold anything.
 */
export function fieldsOf(meta: LogEntry['meta']): LogFields {
  const said: Readonly<Record<string, unknown>> = meta ?? {};
  const { workflowId, sdkComponent, runId, workflowType, activityType, attempt, taskQueue } = said;
  const { error: err, bytes } = said;
  const given = {
    entity: workflowId,
    component: sdkComponent ?? 'temporal',
    runId,
    workflowType,
    activityType,
  };
  const shown = Object.entries({ ...given, attempt, taskQueue, bytes }).filter(([, value]) => isShown(value));
  return { ...Object.fromEntries(shown), ...(err !== undefined && { err }) };
}

function isShown(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
