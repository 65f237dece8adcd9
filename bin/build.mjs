#!/usr/bin/env node
// Compiles every .ts to dist/, copies the other files (SQL, HTML, …) next to the emitted code and
// bundles the workflows of each app and the console. Skips what has not changed, so a second run
// takes a second.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { buildConsole } from './build-console.mjs';
import { filesUnder, isCurrent, recordInputs, root } from './inputs.mjs';

const dist = join(root, 'dist');
const sources = ['apps', 'libs', 'tools', 'test', 'bench', 'demo', 'examples'];
const compiled = new Set(['.ts', '.tsx', '.mts']);
const generated = new Set([
  '.tsbuildinfo',
  'workflows.bundle.js',
  'workflows.inputs.json',
  'web.inputs.json',
]);
/** Vite bundles these, and writes them itself. */
const web = join('apps', 'console', 'web') + sep;

function compile() {
  const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
  const args = [
    compiler,
    '--incremental',
    '--tsBuildInfoFile',
    join(dist, '.tsbuildinfo'),
    ...(process.stdout.isTTY ? ['--pretty'] : []),
  ];
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  return status === 0;
}

/** Removes what was emitted for a module or migration that has since been renamed or deleted. */
function prune() {
  for (const file of filesUnder(dist)) {
    const name = relative(dist, file);
    if (generated.has(name.split(sep).at(-1)) || name.startsWith(web)) continue;
    const stem = name.replace(/\.js(\.map)?$/, '');
    const isEmitted = stem !== name;
    const candidates = isEmitted ? [`${stem}.ts`, `${stem}.tsx`, name] : [name];
    if (!candidates.some((candidate) => existsSync(join(root, candidate)))) rmSync(file);
  }
}

function copyAssets() {
  for (const file of sources.flatMap((folder) => filesUnder(join(root, folder)))) {
    if (compiled.has(extname(file)) || relative(root, file).startsWith(web)) continue;
    const target = join(dist, relative(root, file));
    const source = statSync(file);
    const copy = statSync(target, { throwIfNoEntry: false });
    if (copy && copy.size === source.size && copy.mtimeMs >= source.mtimeMs) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

async function bundle(app) {
  const folder = join(dist, app);
  // The workflows of an app are in src/ or directly under it.
  const entry = [join(folder, 'src/workflows/index.js'), join(folder, 'workflows/index.js')].find(existsSync);
  if (!entry) return;
  const target = join(folder, 'workflows.bundle.js');
  const inputs = join(folder, 'workflows.inputs.json');
  if (isCurrent(target, inputs)) return;

  const started = Date.now();
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const files = new Set();
  const recordFiles = {
    apply: (compiler) =>
      compiler.hooks.done.tap('RecordInputs', ({ compilation }) => {
        for (const file of compilation.fileDependencies) {
          const isOurs = file.startsWith(dist + sep) && file.endsWith('.js') && existsSync(file);
          if (isOurs) files.add(file);
        }
      }),
  };
  const quiet = () => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    payloadConverterPath: join(dist, 'libs/entity/protocol/payload-converter.js'),
    webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), recordFiles] }),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
  // A worker may be reading the old bundle: replace it atomically.
  writeFileSync(`${target}.new`, code);
  renameSync(`${target}.new`, target);
  recordInputs(inputs, files);
  console.log(
    `bundled the workflows of ${app} (${(code.length / 1e6).toFixed(1)} MB, ${Date.now() - started} ms)`,
  );
}

function foldersIn(parent) {
  const folder = join(dist, parent);
  return existsSync(folder) ? readdirSync(folder).map((name) => join(parent, name)) : [];
}

async function main() {
  const isTyped = compile();
  prune();
  copyAssets();
  const apps = [...['apps', 'examples'].flatMap(foldersIn), 'test/workflow/flows'];
  for (const app of apps) {
    try {
      await bundle(app);
    } catch (error) {
      console.error(
        `The workflows of ${app} cannot be bundled: ${error instanceof Error ? error.message : error}`,
      );
      process.exitCode = 1;
    }
  }
  try {
    await buildConsole();
  } catch (error) {
    console.error(`The console cannot be bundled: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
  if (!isTyped) {
    console.error('The build failed with the errors above.');
    process.exitCode = 1;
  }
}

await main();
