#!/usr/bin/env node
// Checks the licence of every package that runs in production, as package-lock.json (or the file in
// the first argument) names it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = process.argv[2] ?? join(root, 'package-lock.json');

/** Licences that ask for no more than a notice. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);

/** Packages with another licence: the one that was looked at, and why it is accepted. */
const exceptions = {
  'caniuse-lite': {
    licence: 'CC-BY-4.0',
    reason:
      'data about browsers that webpack reads when Temporal bundles workflows; it is named, not changed',
  },
  unionfs: { licence: undefined, reason: 'its manifest names none, and its LICENSE file is the Unlicense' },
};

const nameOf = (path, { name }) => name ?? path.slice(path.lastIndexOf('node_modules/') + 13);

/** Every licence that an expression names has to be allowed, even where one of two would do. */
const isAllowed = (expression) =>
  expression?.split(/[\s()]+|\bAND\b|\bOR\b/).every((id) => id === '' || allowed.has(id)) === true;

const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
const inProduction = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, one]) => ({ name: nameOf(path, one), version: one.version, licence: one.license }));

const isException = ({ name, licence }) =>
  Object.hasOwn(exceptions, name) && exceptions[name].licence === licence;
const refused = inProduction.filter((one) => !isAllowed(one.licence) && !isException(one));
const unused = Object.keys(exceptions).filter(
  (name) => !inProduction.some((one) => one.name === name && isException(one)),
);

for (const { name, version, licence } of refused) {
  console.error(`${name}@${version}: ${licence ?? 'no licence'} is not allowed`);
}
for (const name of unused) console.error(`${name}: the exception in bin/check-licences.mjs is not needed`);
if (refused.length + unused.length > 0) process.exitCode = 1;
else console.log(`${inProduction.length} packages, each with an allowed licence`);
