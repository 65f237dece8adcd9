import { Command } from 'commander';
import type { DoctorRequest } from './doctor.schemas.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { wholeNumber } from '../cli/whole-number.js';
import { runDoctor } from './run-doctor.js';

/** `perdure doctor`: whether all that is shown is what the streams say. */
export function doctorCommand(client: OperationsClient): Command {
  return new Command('doctor')
    .description('compares streams, topics, views and running entities; exit code 1 when something differs')
    .argument('[stream]', 'one entity alone, with its views: account-default.alice')
    .option('--heal', 'make anew what differs from its stream')
    .option('--category <name>', 'only entities of this kind: account, cart, checkout …')
    .option('--sample <n>', 'so many entities of each kind, at random, in place of all', wholeNumber)
    .action(async (stream: string | undefined, options: Omit<DoctorRequest, 'stream'>) => {
      const request = { ...options, ...(stream !== undefined && { stream }) };
      if ((await runDoctor(client, request)) > 0) process.exitCode = 1;
    });
}
