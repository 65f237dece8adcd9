import { rename } from 'node:fs/promises';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { ChecksumError, DevStackError, MissingPrerequisiteError } from './dev-stack.errors.js';
import { downloadArchive } from './download-archive.js';
import { findExecutable } from './find-executable.js';
import type { Step } from './progress.js';
import { runCommand } from './run-command.js';
import type { StackSettings } from './stack-settings.js';
import type { StackServer } from './stack-server.js';
import { hasDefaultNamespace, registerSearchAttributes, searchAttributes } from './temporal-namespace.js';

const version = '1.5.1';
/** The SHA-256 of each published archive. Change them together with the version. */
const checksums: Readonly<Record<string, string | undefined>> = {
  darwin_amd64: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  darwin_arm64: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  linux_amd64: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  linux_arm64: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
};
/**
 * Go's garbage collection target, in percent of live memory: three times the default costs 200 MB
 * more memory and saves a fifth of the CPU.
 */
const GOGC = '300';

/** The official Temporal dev server, on a SQLite file in the home folder. */
export function temporalServer(settings: StackSettings): StackServer {
  const { home, ports } = settings;
  const address = `127.0.0.1:${ports.TEMPORAL_PORT}`;
  return {
    name: 'temporal',
    title: 'Temporal',
    address,
    ports: [
      { port: ports.TEMPORAL_PORT, variable: 'TEMPORAL_PORT' },
      { port: ports.TEMPORAL_UI_PORT, variable: 'TEMPORAL_UI_PORT' },
    ],
    needs: [],
    mayBeFound: true,
    isHealthy: () => hasDefaultNamespace(address),
    // All its queries share one SQLite connection. If one is cancelled while another is open,
    // SQLite may answer each with "interrupted" from then on, until the process starts again.
    askedEveryMs: 5_000,
    prepare: async (step, signal) => {
      const file = await findTemporal(settings.cache, step, signal);
      const env = { GOGC, ...process.env };
      return { file, args: serverArguments(settings), env, layOut: () => layOut(databaseFile(home)) };
    },
    complete: () => registerSearchAttributes(address),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    readyTimeoutMs: 60_000,
  };
}

const databaseFile = (home: string) => join(home, 'temporal', 'temporal.db');

/** The server creates the file, but not its folder. */
async function layOut(file: string): Promise<boolean> {
  mkdirSync(dirname(file), { recursive: true });
  return !existsSync(file);
}

function serverArguments({ home, ports }: StackSettings): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
    ...['--port', String(ports.TEMPORAL_PORT), '--ui-port', String(ports.TEMPORAL_UI_PORT)],
    ...['--db-filename', databaseFile(home)],
    // Four times the throughput of the default. In WAL mode, NORMAL may lose the last writes on a
    // power failure, but never when a process is killed.
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
    ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/**
 * The `temporal` program: from PATH, else cached, else downloaded, else built from its published
 * source.
 */
export async function findTemporal(cache: string, step: Step, signal: AbortSignal): Promise<string> {
  const installed = findExecutable('temporal');
  if (installed !== undefined) return installed;
  const folder = await cachedFolder(cache, `temporal-${version}`, async (draft) => {
    try {
      step.update('downloading the temporal program');
      await download(draft, step, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ChecksumError) throw error;
      await build(draft, step, signal, error);
    }
  });
  return join(folder, 'temporal');
}

async function download(folder: string, step: Step, signal: AbortSignal): Promise<void> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platform = `${process.platform}_${architecture}`;
  const sha256 = checksums[platform];
  if (sha256 === undefined) throw new DevStackError(`no checksum is known for ${platform}`);
  const archive = `temporal_cli_${version}_${platform}.tar.gz`;
  const url = `https://github.com/temporalio/cli/releases/download/v${version}/${archive}`;
  await downloadArchive(url, folder, { sha256, signal, onProgress: (text) => step.update(text) });
}

async function build(folder: string, step: Step, signal: AbortSignal, why: unknown): Promise<void> {
  const go = findExecutable('go');
  if (go === undefined) {
    throw new MissingPrerequisiteError(
      `Temporal is not installed and cannot be downloaded (${why instanceof Error ? why.message : String(why)})`,
      'put the temporal program on PATH, install Go, or set TEMPORAL_ADDRESS to a running server',
    );
  }
  step.update('building the temporal program from its source (once, about 4 minutes)');
  const env = { ...process.env, GOBIN: join(folder, 'bin'), CGO_ENABLED: '0' };
  const args = ['install', '-ldflags=-s -w', `github.com/temporalio/cli/cmd/temporal@v${version}`];
  await runCommand(go, args, { env, signal });
  await rename(join(folder, 'bin', 'temporal'), join(folder, 'temporal'));
}
