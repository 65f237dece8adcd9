import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { STOCK_IMPORTERS } from '#contracts/stock-import/stock-import.contract.js';
import type { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { OperatorError } from '#libs/operations/cli/operator.errors.js';
import { printLine, printTrouble } from '#libs/operations/cli/print.js';
import { allowVerb } from '#libs/operations/cli/verbs.js';
import { importProgress } from './import-progress.js';

const POLL_MILLISECONDS = 500;

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' };
type Format = keyof typeof TYPES;
const FORMATS: Readonly<Record<string, Format>> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson' };

/** An import, as far as it is shown here. */
export interface ShownImport {
  readonly id: string;
  readonly status: string;
  readonly rows: number;
  readonly applied: number;
  readonly rejected: number;
  readonly failed: number;
  readonly left: number;
  readonly endedAt?: string;
  readonly failure?: { readonly code: string; readonly detail: string };
  readonly links: { readonly rejects: string };
}

interface Options {
  readonly format?: Format;
  readonly wait: boolean;
}

/** `import`: uploads a file with stock, and shows how far its import is. */
export function importCommand(client: OperationsClient): Command {
  const command = new Command('import').argument('<file>', 'CSV or NDJSON: see docs/imports.md');
  return allowVerb(command, STOCK_IMPORTERS)
    .description('import stock from a file; the same file again changes nothing')
    .addOption(new Option('--format <format>', 'default: as its name ends').choices(Object.keys(TYPES)))
    .option('--no-wait', 'do not wait for the import to end')
    .action((file: string, options: Options) => importFile(client, file, options));
}

async function importFile(client: OperationsClient, file: string, { format, wait }: Options): Promise<void> {
  const type = TYPES[format ?? formatOf(file)];
  const digest = await digestOf(file);
  const headers = { 'content-type': type, 'content-digest': `sha-256=:${digest}:` };
  const taken = await client.upload<ShownImport>('stock-imports', createReadStream(file), headers);
  if (!wait) return printLine(taken.id);
  report(await settled(client, taken));
}

function formatOf(file: string): Format {
  const format = FORMATS[extname(file).toLowerCase()];
  if (format) return format;
  throw new OperatorError(`${file}: is it CSV or NDJSON? Say --format csv or --format ndjson`);
}

async function digestOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new OperatorError(`${file}: there is no such file`);
  if (!found.isFile()) throw new OperatorError(`${file}: is not a file`);
  try {
    const hash = createHash('sha256');
    for await (const part of createReadStream(file)) hash.update(part as Buffer);
    return hash.digest('base64');
  } catch (error) {
    throw new OperatorError(`${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** Waits until the import has ended, or waits for somebody. */
async function settled(client: OperationsClient, taken: ShownImport): Promise<ShownImport> {
  const progress = importProgress();
  try {
    for (let view = taken; ; view = await client.read<ShownImport>(`stock-imports/${taken.id}`)) {
      progress.update(view);
      if (view.endedAt !== undefined || ['paused', 'stopped', 'waiting'].includes(view.status)) return view;
      await pause(POLL_MILLISECONDS);
    }
  } finally {
    progress.stop();
  }
}

function report({ id, status, failure, links, ...counts }: ShownImport): void {
  const { rows, applied, rejected, failed, left } = counts;
  printLine(`${id}: ${status}; ${applied} of ${rows} rows applied, ${rejected} rejected, ${failed} failed`);
  if (rejected + failed > 0) printTrouble(`The rows that were not applied are listed at ${links.rejects}`);
  if (failure) printTrouble(`${failure.code}: ${failure.detail}`);
  if (left > 0) printTrouble(`${left} rows were not sent`);
}
