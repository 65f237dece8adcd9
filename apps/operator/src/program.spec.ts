import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { perdure } from './program.js';

it('each command is passed on by the entry point', () => {
  const [, listed = ''] =
    /operatorCommands = \[([^\]]*)\]/.exec(readFileSync('bin/perdure.mjs', 'utf8')) ?? [];
  const commands = perdure(() => ({}) as OperationsClient).commands.map((command) => command.name());
  expect(listed.match(/\w+/g)).toEqual(commands.toSorted());
});
