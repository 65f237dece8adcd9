import { isAlive, type ProcessIdentity } from './process-table.js';
import { killGroup, killOne } from './signal-group.js';
import { waitUntil } from './wait-until.js';

/**
 * Ends a process: sends its stop signal, and kills it and its group after a time-out. Returns when
 * it is gone.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  { stopSignal, stopTimeoutMs }: { stopSignal: NodeJS.Signals; stopTimeoutMs: number },
): Promise<void> {
  const isGone = () => !isAlive(identity);
  if (isGone()) return;
  killOne(identity.pid, stopSignal);
  if (await waitUntil(isGone, { timeoutMs: stopTimeoutMs, intervalMs: 50 })) return;
  killGroup(identity.pid, 'SIGKILL');
  await waitUntil(isGone, { timeoutMs: 5_000, intervalMs: 50 });
}
