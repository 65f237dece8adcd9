import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the server counts as one write of a workflow's state with its new events. */
const WRITES = ['UpdateWorkflowExecution', 'CreateWorkflowExecution', 'ConflictResolveWorkflowExecution'];

/** Reads how often a stack's Temporal has written the state of some workflow, since its start. */
export function temporalWrites(home: string): () => Promise<number> {
  const log = readFileSync(join(home, 'logs', 'temporal.log'), 'utf8');
  const url = /^Metrics:\s+(\S+)/m.exec(log)?.[1];
  if (url === undefined) throw new Error('the Temporal server does not say where its metrics are');
  return async () => {
    const metrics = await (await fetch(url)).text();
    const lines = metrics.split('\n').filter((line) => line.startsWith('persistence_requests{'));
    const counted = lines.filter((line) => WRITES.some((name) => line.includes(`operation="${name}"`)));
    return counted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  };
}
