// Whether what a bundle was made of has changed since.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const digest = (content) => createHash('sha256').update(content).digest('hex');

/** All files under a folder, apart from those of packages. */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** The inputs of a bundle: our own files by content, all packages by the lock file. */
function fingerprint(files) {
  const lock = join(root, 'package-lock.json');
  return Object.fromEntries(
    [lock, ...files].map((file) => [
      relative(root, file),
      existsSync(file) ? digest(readFileSync(file)) : 'missing',
    ]),
  );
}

/** Remembers the inputs of a bundle in a file. */
export function recordInputs(record, files) {
  writeFileSync(record, `${JSON.stringify(fingerprint([...files].sort()), null, 2)}\n`);
}

/** Whether a bundle exists, and its inputs are what the record says. */
export function isCurrent(bundle, record) {
  if (!existsSync(bundle) || !existsSync(record)) return false;
  try {
    const before = JSON.parse(readFileSync(record, 'utf8'));
    const now = fingerprint(Object.keys(before).map((name) => join(root, name)));
    return Object.entries(before).every(([name, hash]) => now[name] === hash);
  } catch {
    return false; // the record is unreadable: bundle again
  }
}
