import type { OperationsClient } from '../cli/operations-client.js';
import { printLine, printTable } from '../cli/print.js';
import { viewCalled } from './views.js';

interface Parked {
  readonly stream: string;
  readonly revision: number;
  readonly waiting: number;
  readonly attempts: number;
  readonly parkedAt: string;
  readonly reason: string;
}

interface ParkedPage {
  readonly data: readonly Parked[];
  readonly nextCursor?: string;
}

/** Prints everything that a view has parked, all pages of it. */
export async function listParked(client: OperationsClient, key: string): Promise<void> {
  const { service } = await viewCalled(client, key);
  const rows: Parked[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await client.get<ParkedPage>(
      service,
      `views/${encodeURIComponent(key)}/parked?limit=200${query}`,
    );
    rows.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  if (rows.length === 0) return printLine(`${key} has parked nothing.`);
  printTable(
    ['stream', 'failed at', 'waiting', 'attempts', 'parked at', 'reason'],
    rows.map(({ stream, revision, waiting, attempts, parkedAt, reason }) => {
      return [stream, revision, waiting, attempts, parkedAt, reason.split('\n', 1)[0]?.slice(0, 100)];
    }),
  );
}

/** Prints one parked entity with its pending events, as JSON. */
export async function showParked(client: OperationsClient, key: string, stream: string): Promise<void> {
  const { service } = await viewCalled(client, key);
  const path = `views/${encodeURIComponent(key)}/parked/${encodeURIComponent(stream)}`;
  printLine(JSON.stringify(await client.get(service, path), null, 2));
}
