#!/usr/bin/env node
// The entry point, which needs only Node: installs the packages, compiles, then runs the compiled
// program.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...rest] = process.argv.slice(2);

/** Commands with their own program. The development stack handles the others. */
const programs = {
  bench: 'dist/bench/main.js',
  demo: 'dist/demo/main.js',
  'event-store': 'dist/tools/event-store/main.js',
};

/** Commands for operators, all handled by one program. */
const operator = 'dist/apps/operator/src/main.js';
const operatorCommands = [
  'audit',
  'doctor',
  'flows',
  'import',
  'keys',
  'relays',
  'schedules',
  'views',
  'workers',
];

function fail(line) {
  console.error(line);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Perdure needs Node.js 20.19 or newer, but this is ${process.versions.node}. Install a newer version from nodejs.org.`,
  );
}

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/** Compares the lock file with npm's record of the installed packages. */
function hasPackages() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(join(root, record))) return false;
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson(record).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional, peer }]) =>
      name === '' || installed[name]?.version === version || (!installed[name] && (optional || peer)),
  );
}

/** Runs npm and shows its output. Without a terminal, prints a line every 15 s to show progress. */
function installPackages() {
  console.log('Installing the packages (npm ci), about a minute the first time.');
  const started = Date.now();
  const npm = process.env.npm_execpath;
  const [file, ...args] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const child = spawn(file, [...args, 'ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => process.stdout.isTTY || console.log(`npm ci … ${seconds()} s`), 15_000);
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`Cannot run npm: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearInterval(timer);
      if (code !== 0) fail(`npm ci failed (${signal ?? `exit code ${code}`}): see the output above.`);
      console.log(`Packages installed (${seconds()} s).`);
      resolve();
    });
  });
}

function build() {
  const { status } = spawnSync(process.execPath, [join(root, 'bin/build.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

async function handOver() {
  const isOperators = operatorCommands.includes(command);
  const entry = programs[command] ?? (isOperators ? operator : 'dist/tools/dev-stack/main.js');
  if (!existsSync(join(root, entry))) fail(`There is no ${entry}: this version has no command "${command}".`);
  // Continue in this process: a second one would only cost memory. The program gets its own argv.
  process.argv = [
    process.argv[0],
    join(root, entry),
    ...(programs[command] ? rest : [command ?? 'help', ...rest]),
  ];
  await import(pathToFileURL(join(root, entry)).href);
}

checkNode();
// `stop` and `status` do not install or compile if there is a compiled program.
const isQuick =
  ['stop', 'status'].includes(command) && existsSync(join(root, 'dist/tools/dev-stack/main.js'));
if (!isQuick) {
  if (!hasPackages()) await installPackages();
  build();
}
await handOver();
