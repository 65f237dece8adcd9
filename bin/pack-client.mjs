#!/usr/bin/env node
// Makes an npm package of libs/client in build/client: its modules, and the declarations of them
// and of the contracts. Needs the build. `npm pack build/client` makes an archive of it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const target = join(root, 'build/client');
const ENTRY = 'libs/client/index.js';
const { version, license, dependencies, engines } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/** The package, whose modules name one another as here. Zod is in its types, and never loaded. */
const manifest = {
  name: 'perdure-client',
  version,
  description: 'A typed client of Perdure for browsers and Node.js',
  license,
  type: 'module',
  sideEffects: false,
  engines,
  exports: { '.': { types: './libs/client/index.d.ts', default: `./${ENTRY}` } },
  imports: { '#libs/*.js': './libs/*.js', '#contracts/*.js': './libs/contracts/*.js' },
  dependencies: { zod: dependencies.zod },
};

/** The file that an import means, from the root of the package. */
function fileOf(specifier, from) {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  if (specifier.startsWith('#libs/')) return specifier.slice(1);
  if (specifier.startsWith('#contracts/')) return `libs/${specifier.slice(1)}`;
  throw new Error(`${from} loads ${specifier}, which the package does not have`);
}

/** Copies a module and all that it loads. */
function copyModule(file, copied) {
  if (copied.has(file)) return;
  copied.add(file);
  mkdirSync(dirname(join(target, file)), { recursive: true });
  const code = readFileSync(join(dist, file), 'utf8');
  writeFileSync(join(target, file), code.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
  for (const [, specifier] of code.matchAll(/^(?:import|export) .*?from '([^']+)';$/gms)) {
    copyModule(fileOf(specifier, file), copied);
  }
}

rmSync(target, { recursive: true, force: true });
const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.client.json')], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
copyModule(ENTRY, new Set());
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
copyFileSync(join(root, 'docs/client.md'), join(target, 'README.md'));
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
