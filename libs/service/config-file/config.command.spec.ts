import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { captureOutput } from '#libs/testing/capture-output.js';
import { configCommand } from './config.command.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perdure-config-command-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});

/** Runs a verb, and returns what it prints and its exit code. */
async function run(verb: string, environment: NodeJS.ProcessEnv = {}): Promise<readonly [string, unknown]> {
  const shown = captureOutput();
  await configCommand(['account', 'cart'], folder, environment).parseAsync([verb], { from: 'user' });
  jest.restoreAllMocks();
  return [shown(), process.exitCode];
}

const write = (text: string) => writeFileSync(join(folder, 'perdure.config.yaml'), text);

it('checks the file, and the variables that override it', async () => {
  expect(await run('check')).toEqual([
    'There is no perdure.config.yaml, only defaults and variables.\n',
    undefined,
  ]);
  write('processes:\n  account:\n    workers: [{ roles: [api] }]\n');
  expect(await run('check')).toEqual(['perdure.config.yaml: no mistakes\n', undefined]);
  expect(await run('check', { ROLES: 'all' })).toEqual([
    expect.stringMatching(/^ROLES\.0: must list some of/),
    1,
  ]);
});

it('prints every mistake on a line of its own, and ends with 1', async () => {
  write('temporal:\n  adress: a\nprocess: {}\n');
  const known = 'address, namespace, tls, apiKey';
  const text = `perdure.config.yaml:2: temporal.adress: is not known; known here: ${known}
perdure.config.yaml:3: process: is not known; known here: partitions, temporal, processes
`;
  expect(await run('check')).toEqual([text, 1]);
  expect(await run('show')).toEqual([text, 1]);
});

it('shows the processes of the file, or one for each service', async () => {
  const servicesIn = ([text]: readonly [string, unknown]) =>
    text.split('\n').filter((line) => line.includes('.service '));
  expect(servicesIn(await run('show'))).toEqual([
    expect.stringMatching(/^processes\.account\.service +account +default$/),
    expect.stringMatching(/^processes\.cart\.service +cart +default$/),
  ]);
  write('processes:\n  writer:\n    service: cart\n');
  expect(servicesIn(await run('show'))).toEqual([
    expect.stringMatching(/^processes\.writer\.service +cart +perdure\.config\.yaml:3$/),
  ]);
});
