import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Command } from 'commander';
import { SERVICE_NAMES } from '#contracts/services.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import { configCommand } from '#libs/service/config-file/config.command.js';
import { DevStackError } from './dev-stack.errors.js';
import type { StartOptions } from './run-start.js';
import { report } from './reported-progress.js';
import { readSettings } from './stack-settings.js';
import { terminalProgress } from './progress.js';

// This file is dist/tools/dev-stack/main.js.
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const settings = () => readSettings(root, process.env);

/** Each command loads what it needs when it is run: all of it takes a second. */
function program(): Command {
  const commands = new Command('perdure').description('Run Perdure and all the servers it needs.');
  commands
    .command('start')
    .description('start everything and keep it running until Ctrl-C')
    .option('--detach', 'return once everything is ready')
    .option('--no-services', 'start only the servers, without our own services')
    .option(
      '--only <servers>',
      'start only these servers, separated by commas: temporal,kafka,postgres,event-store',
    )
    .action(async (options: StartOptions) => (await import('./run-start.js')).runStart(settings(), options));
  commands
    .command('stop')
    .description('stop everything that runs on this home folder')
    .action(async () => (await import('./stop-stack.js')).stopStack(settings().home, terminalProgress()));
  commands
    .command('reset')
    .description('empty the home folder, and lose all accounts, events and logs')
    .action(async () => (await import('./reset-stack.js')).resetStack(settings().home, terminalProgress()));
  commands
    .command('status')
    .description('show what is running, where, and how much memory it takes')
    .action(async () => (await import('./print-status.js')).printStatus(settings()));
  commands
    .command('test [arguments...]')
    .description('run all tests, or those given as arguments, as for jest')
    .allowUnknownOption()
    .action(async (given: string[]) => (await import('./run-tests.js')).runTests(root, given));
  commands
    .command('test:long [arguments...]')
    .description('the same, with the long tests in full')
    .allowUnknownOption()
    .action(async (given: string[]) => {
      process.env['TEST_DEPTH'] = 'long';
      return (await import('./run-tests.js')).runTests(root, given);
    });
  commands
    .command('test:changed [since]')
    .description('run the tests that the changes since a commit (default: main) touch')
    .action(async (since = 'main') =>
      (await import('./run-tests.js')).runChangedTests(root, since as string),
    );
  return commands.addCommand(configCommand(SERVICE_NAMES, root));
}

// If the reader of our output is gone (a closed pipe), continue without output.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program().parseAsync();
} catch (error) {
  // Known errors are shown as one line. Anything else is a bug and shows its stack.
  const isKnown = error instanceof DevStackError || error instanceof ConfigError;
  const message = isKnown ? error.message : inspect(error);
  process.stderr.write(`${message}\n`);
  report({ kind: 'error', message });
  process.exitCode = 1;
}
