import { appendFileSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A sandbox's file of JSON lines. What was appended survives a kill of the process, but not a power
 * cut: nothing is flushed to the disk.
 */
export class AppendLog<Entry extends object> {
  /** The entries that were in the file when it was opened. */
  readonly found: readonly Entry[];

  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    const text = readIfThere(file);
    // A kill may have cut off the last line. It was never answered, and would spoil the next one.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    this.found = whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry);
  }

  append(entry: Entry): void {
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
