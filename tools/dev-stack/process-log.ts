import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const rotateAt = 20_000_000;

/** The log file of a process; one older file is kept when it has grown large. */
export function openLog(home: string, name: string): { file: string; descriptor: number } {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const file = join(home, 'logs', `${name}.log`);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > rotateAt) renameSync(file, `${file}.1`);
  return { file, descriptor: openSync(file, 'a') };
}

/** The end of a log, for an error message: what was written after `from` bytes, the last lines of it. */
export function lastLines(file: string, from: number, count = 12): string {
  const descriptor = openSync(file, 'r');
  try {
    const size = statSync(file).size;
    const start = Math.max(from, size - 8_192);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(descriptor, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trim().split('\n').slice(-count).join('\n');
  } finally {
    closeSync(descriptor);
  }
}
