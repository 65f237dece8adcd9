import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/**
 * Makes workers log errors only, since the failures in a test are intended. To be called before any
 * worker is created.
 */
export function keepTemporalQuiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
}
