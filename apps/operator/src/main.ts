import { inspect } from 'node:util';
import { Command } from 'commander';
import { doctorCommand } from '#libs/operations/doctor/doctor.command.js';
import { keysCommand } from '#libs/operations/api-keys/keys.command.js';
import { tokenFor } from '#libs/operations/cli/local-token.js';
import { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { OperatorError } from '#libs/operations/cli/operator.errors.js';
import { flowsCommand } from '#libs/operations/flows/flows.command.js';
import { relaysCommand } from '#libs/operations/relays/relays.command.js';
import { viewsCommand } from '#libs/operations/views/views.command.js';

const { PERDURE_URL = 'http://127.0.0.1:3000' } = process.env;

/** A client that acts for a user of the local issuer, unless there is another token. */
function clientFor(localUser: string): OperationsClient {
  return new OperationsClient(PERDURE_URL.replace(/\/$/, ''), tokenFor(localUser));
}

/** Each operator command is a file of its own. They only call the services' routes. */
function program(): Command {
  const client = clientFor('olivia');
  return new Command('perdure')
    .description(
      'Commands for operators. PERDURE_URL is the front server, PERDURE_TOKEN or PERDURE_TOKEN_FILE your ' +
        'access token.',
    )
    .addCommand(doctorCommand(client))
    .addCommand(flowsCommand(client))
    .addCommand(keysCommand(clientFor('sec')))
    .addCommand(relaysCommand(client))
    .addCommand(viewsCommand(client));
}

try {
  await program().parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof OperatorError ? error.message : inspect(error)}\n`);
  process.exitCode = 1;
}
