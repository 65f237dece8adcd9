import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/** Lets workers say errors only: the failures that a test asks for are no news. To be called before any worker is made. */
export function keepTemporalQuiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
}
