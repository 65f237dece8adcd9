import { askEach } from '../cli/ask-each.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { printLine, printTable } from '../cli/print.js';

interface Entry {
  readonly at: string;
  readonly operator: string;
  readonly view: string;
  readonly verb: string;
  readonly stream?: string;
  readonly revision?: number;
  readonly reason?: string;
  /** The event that failed, and what was folded instead. */
  readonly before?: object;
  readonly after?: object;
  readonly result: { readonly result?: string };
}

export interface AuditOptions {
  readonly events?: true;
}

/** Prints the latest actions of operators, latest first, with their events if requested. */
export async function printAudit(client: OperationsClient, { events }: AuditOptions): Promise<void> {
  const pages = await askEach((service) => client.get<{ readonly data: readonly Entry[] }>(service, 'audit'));
  const entries = pages.flatMap(({ data }) => data).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  printTable(
    ['at', 'operator', 'verb', 'view', 'stream', 'revision', 'result', 'reason'],
    entries.map(({ at, operator, verb, view, stream, revision, result, reason }) => {
      return [at, operator, verb, view, stream, revision, result.result, reason];
    }),
  );
  if (events) entries.forEach(printEvents);
}

function printEvents({ at, verb, stream, revision, before, after }: Entry): void {
  if (!before && !after) return;
  printLine(`\n${at}  ${verb}  ${stream}@${revision}`);
  if (before) printLine(`  before ${JSON.stringify(before)}`);
  if (after) printLine(`  after  ${JSON.stringify(after)}`);
}
