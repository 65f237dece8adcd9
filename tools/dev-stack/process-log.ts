import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const rotateAt = 20_000_000;

/** The log file of a process. A large log is rotated, and one older file is kept. */
export function openLog(home: string, name: string): { file: string; descriptor: number } {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const file = join(home, 'logs', `${name}.log`);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > rotateAt) renameSync(file, `${file}.1`);
  return { file, descriptor: openSync(file, 'a') };
}

/** The last lines of a log after `from` bytes, for an error message. */
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
