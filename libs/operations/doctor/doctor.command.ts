import { Command } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import type { DoctorRequest } from './doctor.schemas.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { allowVerb } from '../cli/verbs.js';
import { wholeNumber } from '../cli/whole-number.js';
import { runDoctor } from './run-doctor.js';

/** `perdure doctor`: checks everything that is shown against the streams. */
export function doctorCommand(client: OperationsClient): Command {
  return allowVerb(new Command('doctor'), OPERATORS)
    .description('compare streams, topics, views and running entities; exit code 1 if something differs')
    .argument('[stream]', 'only one entity, with its views: account-default.alice')
    .option('--heal', 'rebuild what differs from its stream')
    .option('--category <name>', 'only entities of this kind: account, cart, checkout …')
    .option('--sample <n>', 'a random sample of this many entities of each kind, instead of all', wholeNumber)
    .action(async (stream: string | undefined, options: Omit<DoctorRequest, 'stream'>) => {
      const request = { ...options, ...(stream !== undefined && { stream }) };
      if ((await runDoctor(client, request)) > 0) process.exitCode = 1;
    });
}
