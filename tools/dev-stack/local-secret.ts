import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 32;

/**
 * The file with a secret of this stack, which is made once, readable by the current user only: what
 * it has signed is still valid after a restart.
 */
export function localSecret(
  folder: string,
  name: string,
  textOf = (bytes: Buffer) => bytes.toString('base64url'),
): string {
  const file = join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, `${textOf(randomBytes(BYTES))}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return file;
}
