import { type OperationsClient, SERVICES } from '../operations-client.js';
import { printTable } from '../print.js';

interface Entry {
  readonly at: string;
  readonly operator: string;
  readonly view: string;
  readonly verb: string;
  readonly stream?: string;
  readonly revision?: number;
  readonly reason?: string;
  readonly result: { readonly result?: string };
}

/** Prints the last things that operators did, the latest first. */
export async function printAudit(client: OperationsClient): Promise<void> {
  const pages = await Promise.all(
    SERVICES.map((service) => client.get<{ readonly data: readonly Entry[] }>(service, 'audit')),
  );
  const entries = pages.flatMap(({ data }) => data).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  printTable(
    ['at', 'operator', 'verb', 'view', 'stream', 'revision', 'result', 'reason'],
    entries.map(({ at, operator, verb, view, stream, revision, result, reason }) => {
      return [at, operator, verb, view, stream, revision, result.result, reason];
    }),
  );
}
