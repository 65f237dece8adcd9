import { livingRecords, removeRecord, type ProcessRecord } from './process-record.js';
import type { Progress } from './progress.js';
import { stopProcess } from './stop-process.js';

/**
 * Stops what a killed supervisor left running, services first. They are not adopted: only a parent
 * learns of their end immediately, and they start again within seconds.
 */
export async function stopLeftovers(home: string, progress: Progress): Promise<number> {
  const records = livingRecords(home);
  if (records.length > 0) {
    const step = progress.step('leftovers');
    step.update(`stopping ${records.map(({ name }) => name).join(', ')} from an earlier run`);
    for (const group of byOrder(records))
      await Promise.all(group.map((record) => stopAndForget(home, record)));
    step.done(`stopped ${records.length} processes from an earlier run`);
  }
  return records.length;
}

async function stopAndForget(home: string, record: ProcessRecord): Promise<void> {
  await stopProcess(record, record);
  removeRecord(home, record.name);
}

function byOrder(records: readonly ProcessRecord[]): ProcessRecord[][] {
  const orders = [...new Set(records.map(({ order }) => order))];
  return orders.map((order) => records.filter((record) => record.order === order));
}
