#!/usr/bin/env node
// The way in: needs nothing but Node. Brings the packages, compiles, then hands over to the compiled program.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...rest] = process.argv.slice(2);

/** Commands that are programs of their own; the others are told apart by the development stack. */
const programs = {
  demo: 'dist/demo/main.js',
  'event-store': 'dist/tools/event-store/main.js',
};

/** Commands of operators: one program, which tells them apart. */
const operator = 'dist/apps/operator/src/main.js';
const operatorCommands = ['views', 'relays', 'doctor'];

function fail(line) {
  console.error(line);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Perdure needs Node.js 20.19 or newer, and this is ${process.versions.node}: install a newer one from nodejs.org.`,
  );
}

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/** Whether what the lock file asks for is what is installed; npm keeps a record of that. */
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

/** Runs npm with its output shown; where npm draws nothing itself, a line every 15 s tells that it goes on. */
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
    child.once('error', (error) => fail(`npm cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearInterval(timer);
      if (code !== 0) fail(`npm ci failed (${signal ?? `exit code ${code}`}): see the lines above.`);
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
  if (!existsSync(join(root, entry))) fail(`There is no ${entry}: "${command}" is not part of this version.`);
  // The same process goes on: a second one would only take memory. It sees its own arguments.
  process.argv = [
    process.argv[0],
    join(root, entry),
    ...(programs[command] ? rest : [command ?? 'help', ...rest]),
  ];
  await import(pathToFileURL(join(root, entry)).href);
}

checkNode();
// To stop or to look must not install or compile anything, where there is something to run.
const isQuick =
  ['stop', 'status'].includes(command) && existsSync(join(root, 'dist/tools/dev-stack/main.js'));
if (!isQuick) {
  if (!hasPackages()) await installPackages();
  build();
}
await handOver();
