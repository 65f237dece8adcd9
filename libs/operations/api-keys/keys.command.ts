import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { OperationsClient } from '../cli/operations-client.js';
import { printLine, printTable, printTrouble } from '../cli/print.js';
import { positiveNumber, wholeNumber } from '../cli/whole-number.js';
import { allowVerb } from '../cli/verbs.js';
import { KEY_POLICY } from './api-keys.schemas.js';

const DAY_MILLISECONDS = 86_400_000;

/** Keys to read at a time, and more than anybody reads. */
const PAGE = 200;
const MAX_LISTED = 1_000;

interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly status: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly lastUsedAt?: string;
}

interface ShownKey extends ListedKey {
  readonly key: string;
  readonly previousUntil?: string;
}

interface Page {
  readonly data: readonly ListedKey[];
  readonly nextCursor?: string;
}

interface CreateOptions {
  readonly roles?: string;
  readonly days: number;
}

interface RotateOptions {
  readonly overlapHours: number;
  readonly days?: number;
}

/** `keys`: makes, lists, rotates and revokes API keys. */
export function keysCommand(client: OperationsClient): Command {
  const keys = new Command('keys').description('API keys: the credentials of programs');
  allowVerb(keys.command('create <name>'), KEY_POLICY)
    .description('make a key; it is printed this once')
    .option('--roles <roles>', 'separated by commas')
    .option('--days <number>', 'for how long it is valid, at most 365', positiveNumber, 90)
    .action((name: string, options: CreateOptions) => create(client, name, options));
  allowVerb(keys.command('list'), KEY_POLICY)
    .description('list the keys of the tenant, the latest first')
    .action(() => list(client));
  allowVerb(keys.command('rotate <id>'), KEY_POLICY)
    .description('give a key a new secret; it is printed this once')
    .option('--overlap-hours <number>', 'how much longer the secret before it counts', wholeNumber, 24)
    .option('--days <number>', 'for how long it is valid from now on; default: as it was', positiveNumber)
    .action((id: string, options: RotateOptions) => rotate(client, id, options));
  allowVerb(keys.command('revoke <id>'), KEY_POLICY)
    .description('end a key, within seconds')
    .action(async (id: string) => {
      await client.command(`api-keys/${encodeURIComponent(id)}/revoke`, {}, randomUUID());
      printLine(`${id} is revoked, in every process within 5 s`);
    });
  return keys;
}

async function create(client: OperationsClient, name: string, { roles, days }: CreateOptions): Promise<void> {
  const given = (roles ?? '').split(',').map((role) => role.trim());
  const body = { name, roles: given.filter((role) => role !== ''), expiresAt: inDays(days) };
  print(await client.command<ShownKey>('api-keys', body, randomUUID()));
}

async function rotate(
  client: OperationsClient,
  id: string,
  { overlapHours, days }: RotateOptions,
): Promise<void> {
  const body = { overlapHours, ...(days !== undefined && { expiresAt: inDays(days) }) };
  const path = `api-keys/${encodeURIComponent(id)}/rotate`;
  const rotated = await client.command<ShownKey>(path, body, randomUUID());
  print(rotated);
  note(`The secret before it counts until ${rotated.previousUntil}.`);
}

/** Only the key is on standard output, where a script reads it. */
function print({ id, key, expiresAt }: ShownKey): void {
  printLine(key);
  note(`This is key ${id}, valid until ${expiresAt}. Keep it now: it is not shown again.`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function list(client: OperationsClient): Promise<void> {
  const rows: ListedKey[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? '' : `&cursor=${cursor}`;
    const page = await client.read<Page>(`api-keys?limit=${PAGE}${after}`);
    rows.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== undefined && rows.length < MAX_LISTED);
  printTable(
    ['id', 'name', 'roles', 'status', 'expires', 'last used', 'created by'],
    rows.map(({ id, name, roles, status, expiresAt, lastUsedAt, createdBy }) => {
      return [id, name, roles.join(','), status, expiresAt, lastUsedAt, createdBy];
    }),
  );
  if (cursor !== undefined) printTrouble(`There are more than ${MAX_LISTED}; these are the latest.`);
}

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MILLISECONDS).toISOString();
}
