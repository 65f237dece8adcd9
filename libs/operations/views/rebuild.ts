import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '#contracts/services.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine, printTrouble } from '../cli/print.js';
import { fillProgress } from './fill-progress.js';
import { printDiff, type ViewDiff } from './print-diff.js';
import { viewCalled } from './views.js';

export interface Rebuild {
  readonly id: number;
  readonly state: 'filling' | 'switched' | 'rolled-back' | 'cancelled';
  readonly records?: { readonly total: number; readonly done: number };
  readonly behind?: number;
  readonly isReady: boolean;
}

export interface RebuildOptions {
  /** Events per second and process. */
  readonly throttle?: number;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly switch?: true;
}

/** Comparing all rows of a large view takes minutes. The service limits the time. */
const LONG = { milliseconds: 0 };
const POLL_MILLISECONDS = 1_000;

/**
 * Rebuilds a view, or follows a rebuild in progress, and shows its progress and then the
 * differences. Then it stops, switches, or (in a dry run) undoes everything. It may be interrupted
 * at any time, and the services continue.
 */
export async function rebuildView(
  client: OperationsClient,
  key: string,
  { throttle, reason, dryRun, switch: switches }: RebuildOptions,
): Promise<void> {
  const { service } = await viewCalled(client, key);
  const path = rebuildPath(key);
  const last = await client.get<Rebuild>(service, path).catch(() => undefined);
  if (last?.state === 'filling') printLine('It is already being rebuilt: following that rebuild.');
  else await client.post(service, path, { reason, throttle });
  await untilReady(client, service, path);
  await reportDiff(client, service, path);
  if (dryRun) return endRebuild(client, 'cancel', key, { reason: 'a dry run' });
  if (switches) return endRebuild(client, 'switch', key, { reason });
  printLine(
    `It keeps up with new events. "views switch ${key}" switches to it, "views cancel ${key}" removes it.`,
  );
}

/** A failed report does not prevent the requested action. */
async function reportDiff(client: OperationsClient, service: ServiceName, path: string): Promise<void> {
  try {
    printDiff(await client.get<ViewDiff>(service, `${path}/diff`, LONG));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    printTrouble(`The rows could not be compared: ${error.message}`);
  }
}

async function untilReady(client: OperationsClient, service: ServiceName, path: string): Promise<void> {
  const progress = fillProgress();
  try {
    for (;;) {
      const { state, records, isReady } = await client.get<Rebuild>(service, path);
      if (state !== 'filling') throw new OperatorError(`the rebuild is over: ${state}`);
      if (records) progress.update(records.done, records.total);
      if (isReady) return;
      await sleep(POLL_MILLISECONDS);
    }
  } finally {
    progress.stop();
  }
}

/** Prints the differences between the serving view and the one that is being rebuilt. */
export async function diffView(client: OperationsClient, key: string, samples: string): Promise<void> {
  const { service } = await viewCalled(client, key);
  printDiff(
    await client.get<ViewDiff>(
      service,
      `${rebuildPath(key)}/diff?samples=${encodeURIComponent(samples)}`,
      LONG,
    ),
  );
}

const DONE = {
  switch: 'The new view serves now. "views rollback" goes back.',
  rollback: 'The previous view serves again.',
  cancel: 'The rebuild was removed. Nothing has changed.',
} as const;

/** Switches, rolls back or cancels. */
export async function endRebuild(
  client: OperationsClient,
  verb: keyof typeof DONE,
  key: string,
  body: { readonly reason?: string | undefined; readonly acceptParked?: true },
): Promise<void> {
  const { service } = await viewCalled(client, key);
  await client.post(service, `${rebuildPath(key)}/${verb}`, body);
  printLine(DONE[verb]);
}

/** Changes how fast a view is rebuilt: events per second and process, or `null` for no limit. */
export async function throttleRebuild(
  client: OperationsClient,
  key: string,
  throttle: number | null,
): Promise<void> {
  const { service } = await viewCalled(client, key);
  await client.post(service, `${rebuildPath(key)}/throttle`, { throttle });
  printLine(
    throttle === null ? 'There is no limit now.' : `At most ${throttle} events per second and process.`,
  );
}

function rebuildPath(key: string): string {
  return `views/${encodeURIComponent(key)}/rebuild`;
}
