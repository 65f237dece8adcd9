#!/usr/bin/env node
// Compiles every .ts to dist/, copies the other files (SQL, HTML, …) next to the emitted code and
// bundles the workflows of each app. Skips what has not changed, so a second run takes a second.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const sources = ['apps', 'libs', 'tools', 'test', 'bench', 'demo', 'examples'];
const compiled = new Set(['.ts', '.tsx', '.mts']);
const generated = new Set(['.tsbuildinfo', 'workflows.bundle.js', 'workflows.inputs.json']);

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

const digest = (content) => createHash('sha256').update(content).digest('hex');

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
    if (generated.has(name.split(sep).at(-1))) continue;
    const stem = name.replace(/\.js(\.map)?$/, '');
    const isEmitted = stem !== name;
    const candidates = isEmitted ? [`${stem}.ts`, `${stem}.tsx`, name] : [name];
    if (!candidates.some((candidate) => existsSync(join(root, candidate)))) rmSync(file);
  }
}

function copyAssets() {
  for (const file of sources.flatMap((folder) => filesUnder(join(root, folder)))) {
    if (compiled.has(extname(file))) continue;
    const target = join(dist, relative(root, file));
    const source = statSync(file);
    const copy = statSync(target, { throwIfNoEntry: false });
    if (copy && copy.size === source.size && copy.mtimeMs >= source.mtimeMs) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
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

function isCurrent(bundle, inputs) {
  if (!existsSync(bundle) || !existsSync(inputs)) return false;
  try {
    const before = JSON.parse(readFileSync(inputs, 'utf8'));
    const now = fingerprint(Object.keys(before).map((name) => join(root, name)));
    return Object.entries(before).every(([name, hash]) => now[name] === hash);
  } catch {
    return false; // the record is unreadable: bundle again
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
  const recordInputs = {
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
    webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), recordInputs] }),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
  // A worker may be reading the old bundle: replace it atomically.
  writeFileSync(`${target}.new`, code);
  renameSync(`${target}.new`, target);
  writeFileSync(inputs, `${JSON.stringify(fingerprint([...files].sort()), null, 2)}\n`);
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
  if (!isTyped) {
    console.error('The build failed with the errors above.');
    process.exitCode = 1;
  }
}

await main();
