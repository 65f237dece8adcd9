import { Command } from 'commander';
import { AUDIT_READERS, type AuditedAct } from '#contracts/audit.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { printTable } from '../cli/print.js';
import { allowVerb } from '../cli/verbs.js';

/** `audit`: what operators did, through all services. */
export function auditCommand(client: OperationsClient): Command {
  return allowVerb(new Command('audit'), AUDIT_READERS)
    .description('list what operators did or tried to do, latest first')
    .option('--operator <caller>', 'only by this caller')
    .option('--area <area>', 'only in this area, such as views or workers')
    .option('--verb <verb>', 'only this, such as skip')
    .option('--subject <subject>', 'only to this')
    .option('--outcome <outcome>', 'only what was done, accepted, refused, failed or begun')
    .option('--since <time>', 'not before this time')
    .option('--until <time>', 'before this time')
    .option('--limit <number>', 'at most this many, up to 200')
    .action((filters: Readonly<Record<string, string>>) => printActs(client, filters));
}

async function printActs(client: OperationsClient, filters: Readonly<Record<string, string>>): Promise<void> {
  const query = new URLSearchParams(filters).toString();
  const path = query === '' ? 'audit' : `audit?${query}`;
  const { data } = await client.read<{ readonly data: readonly AuditedAct[] }>(path);
  printTable(
    ['at', 'operator', 'area', 'verb', 'subject', 'outcome', 'code', 'reason', 'detail'],
    data.map(({ at, operator, area, verb, subject, outcome, code, reason, detail }) => {
      return [at, operator, area, verb, subject, outcome, code, reason, detail && JSON.stringify(detail)];
    }),
  );
}
