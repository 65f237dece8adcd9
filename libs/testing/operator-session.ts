import { afterEach, beforeEach, jest } from '@jest/globals';
import type { Command } from 'commander';
import { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { captureOutput } from './capture-output.js';
import { OperatedServices } from './operated-services.js';

/** An operator at a command line, in the spec of a command. Each test has new services. */
export interface OperatorSession {
  services: OperatedServices;
  /** What was printed in this test. */
  shown: () => string;
  /** Runs the command with these words, without ending the process. */
  run(...words: readonly string[]): Promise<void>;
}

/** Prepares each test of a file for a command. */
export function operatorSession(commandOf: (client: OperationsClient) => Command): OperatorSession {
  let client: OperationsClient;
  const session: OperatorSession = {
    services: new OperatedServices(),
    shown: () => '',
    run: async (...words) => {
      const command = commandOf(client);
      for (const one of [command, ...command.commands]) one.exitOverride();
      await command.parseAsync(words, { from: 'user' });
    },
  };
  beforeEach(async () => {
    session.services = new OperatedServices();
    client = new OperationsClient(await session.services.listen());
    session.shown = captureOutput();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    await session.services.close();
  });
  return session;
}
