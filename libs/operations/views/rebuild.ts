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
  /** Events a second and process. */
  readonly throttle?: number;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly switch?: true;
}

/** To compare all rows takes minutes where a view is large; the service ends it in time. */
const LONG = { milliseconds: 0 };
const POLL_MILLISECONDS = 1_000;

/**
 * Fills a view anew, or goes on following one that is being filled, shows how far it is and then what differs. Stops there,
 * or switches, or (a dry run) takes it all back. It may be stopped at any moment: the services go on.
 */
export async function rebuildView(
  client: OperationsClient,
  key: string,
  { throttle, reason, dryRun, switch: switches }: RebuildOptions,
): Promise<void> {
  const { service } = await viewCalled(client, key);
  const path = rebuildPath(key);
  const last = await client.get<Rebuild>(service, path).catch(() => undefined);
  if (last?.state === 'filling') printLine('It is being filled already: following it.');
  else await client.post(service, path, { reason, throttle });
  await untilReady(client, service, path);
  await reportDiff(client, service, path);
  if (dryRun) return endRebuild(client, 'cancel', key, { reason: 'a dry run' });
  if (switches) return endRebuild(client, 'switch', key, { reason });
  printLine(`It goes on following. "views switch ${key}" lets it serve, "views cancel ${key}" removes it.`);
}

/** A report that fails is no reason to leave undone what was asked for. */
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

/** Prints what differs between the view that serves and the one that is being filled. */
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
  switch: 'The new one serves; "views rollback" goes back.',
  rollback: 'What served before serves again.',
  cancel: 'What was filled is removed; nothing has changed.',
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

/** Changes how fast a view is filled: events a second and process, `null` as fast as it goes. */
export async function throttleRebuild(
  client: OperationsClient,
  key: string,
  throttle: number | null,
): Promise<void> {
  const { service } = await viewCalled(client, key);
  await client.post(service, `${rebuildPath(key)}/throttle`, { throttle });
  printLine(
    throttle === null ? 'It goes as fast as it can.' : `At most ${throttle} events a second and process.`,
  );
}

function rebuildPath(key: string): string {
  return `views/${encodeURIComponent(key)}/rebuild`;
}
