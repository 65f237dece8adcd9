import { setFlagsFromString } from 'node:v8';
import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
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
  const write = level === 'ERROR' ? logger.error : logger.warn;
  write.call(logger, meta ?? {}, message);
}
