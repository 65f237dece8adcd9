import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findExecutable } from '#tools/dev-stack/find-executable.js';

/**
 * PostgreSQL's own benchmark with the same single-row commits, or undefined if it is not installed.
 */
export function findPgbench(databaseUrl: string, folder: string, data: Buffer, seconds: number) {
  const pgbench = findExecutable('pgbench');
  if (pgbench === undefined) return undefined;
  const script = join(folder, 'single-row-commit.sql');
  const values = `gen_random_uuid()::text, 0, gen_random_uuid(), 'Happened', '\\x${data.toString('hex')}', ''`;
  writeFileSync(
    script,
    `insert into bench_events (stream, revision, id, type, data, metadata) values (${values});\n`,
  );
  /** Commits per second. */
  return async (writers: number): Promise<number> => {
    const how = ['--no-vacuum', '--protocol=prepared', `--file=${script}`];
    const size = [`--client=${writers}`, `--jobs=${Math.min(writers, 2)}`, `--time=${Math.ceil(seconds)}`];
    const { stdout } = await promisify(execFile)(pgbench, [...how, ...size, databaseUrl]);
    return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  };
}
