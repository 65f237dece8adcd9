// Bundles the pages of the console with Vite into dist/apps/console/web.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesUnder, isCurrent, recordInputs, root } from './inputs.mjs';

const source = join(root, 'apps/console/web');
const target = join(root, 'dist/apps/console/web');
const record = join(root, 'dist/apps/console/web.inputs.json');
const page = join(target, 'index.html');

/** Records the modules of our own that are bundled from outside of the folder of the pages. */
function otherModules(files) {
  return {
    name: 'other-modules',
    moduleParsed({ id }) {
      const isOurs = id.startsWith(join(root, 'dist') + sep) && !id.includes('node_modules');
      if (isOurs) files.add(id.split('?')[0]);
    },
  };
}

/** Next to each asset, its compressed form, so that nothing is compressed when it is asked for. */
function compressAssets(folder) {
  for (const file of filesUnder(join(folder, 'assets'))) {
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  }
}

/** What the browser loads before the first page is shown: the script and style of index.html. */
function firstLoad(folder) {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  return assets.reduce((sum, path) => sum + readFileSync(`${folder}${path}.gz`).length, 0);
}

/** Packages mark what runs in browsers only, which everything here does. */
function warnOfMistakes(warning, warn) {
  if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
}

/** Builds the pages, unless what they are made of has not changed. */
export async function buildConsole() {
  if (isCurrent(page, record)) return;
  const started = Date.now();
  const { build } = await import('vite');
  const files = new Set([import.meta.filename, ...filesUnder(source)]);
  const fresh = `${target}.new`;
  await build({
    configFile: false,
    root: source,
    logLevel: 'warn',
    plugins: [otherModules(files)],
    build: {
      outDir: fresh,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      rolldownOptions: { onwarn: warnOfMistakes },
    },
  });
  compressAssets(fresh);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(root, 'dist/apps/console'), { recursive: true });
  renameSync(fresh, target);
  recordInputs(record, files);
  const kilobytes = (firstLoad(target) / 1000).toFixed(0);
  console.log(
    `bundled ${relative(root, source)} (first load ${kilobytes} kB compressed, ${Date.now() - started} ms)`,
  );
}
