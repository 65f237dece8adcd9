import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, statSync } from 'node:fs';
import { DevStackError } from './dev-stack.errors.js';
import { waitUntil } from './wait-until.js';

const READY_MILLISECONDS = 90_000;

interface JavaServer {
  readonly title: string;
  readonly java: string;
  readonly args: readonly string[];
  /** Whether it answers. */
  isReady(): Promise<boolean>;
}

/**
 * Runs a server once, and lets Java archive the classes that it loaded, parsed and verified. A
 * process that maps the archive (`useClasses`) starts with less than half of the CPU time.
 */
export async function archiveClasses(
  archive: string,
  server: JavaServer,
  signal: AbortSignal,
): Promise<void> {
  const { java, args, title } = server;
  const child = spawn(java, [`-XX:ArchiveClassesAtExit=${archive}`, ...args], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    const isReady = await waitUntil(() => server.isReady(), { timeoutMs: READY_MILLISECONDS, signal });
    if (!isReady) throw new DevStackError(`${title} does not start`);
    child.kill('SIGTERM');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    await ended;
  }
}

/** Maps an archive. Java ignores one that is missing or was made by another Java. */
export function useClasses(archive: string): string {
  return `-XX:SharedArchiveFile=${archive}`;
}

/** Part of the name of what was made with this Java from a folder of jars. */
export function madeWith(java: string, folder: string): string {
  const file = realpathSync(java);
  const { size, mtimeMs } = statSync(file);
  const identity = createHash('sha256').update([folder, file, size, mtimeMs].join('\n'));
  return identity.digest('hex').slice(0, 12);
}
