import { Command } from 'commander';
import { auditCommand } from '#libs/operations/audit/audit.command.js';
import { doctorCommand } from '#libs/operations/doctor/doctor.command.js';
import { keysCommand } from '#libs/operations/api-keys/keys.command.js';
import type { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { verbsOf } from '#libs/operations/cli/verbs.js';
import { flowsCommand } from '#libs/operations/flows/flows.command.js';
import { relaysCommand } from '#libs/operations/relays/relays.command.js';
import { schedulesCommand } from '#libs/operations/schedules/schedules.command.js';
import { viewsCommand } from '#libs/operations/views/views.command.js';
import { workersCommand } from '#libs/operations/workers/workers.command.js';
import { importCommand } from './import.command.js';

/**
 * `perdure`: each command is a file of its own. They only call the services' routes.
 * `clientFor` makes the client of a local user, unless there is another token. Throws `TypeError`
 * if a verb has no policy.
 */
export function perdure(clientFor: (localUser: string) => OperationsClient): Command {
  const client = clientFor('olivia');
  const program = new Command('perdure')
    .description(
      'Commands for operators. PERDURE_URL is the front server, PERDURE_TOKEN or PERDURE_TOKEN_FILE your ' +
        'access token.',
    )
    .addCommand(auditCommand(client))
    .addCommand(doctorCommand(client))
    .addCommand(flowsCommand(client))
    .addCommand(importCommand(clientFor('will')))
    .addCommand(keysCommand(clientFor('sec')))
    .addCommand(relaysCommand(client))
    .addCommand(schedulesCommand(client))
    .addCommand(viewsCommand(client))
    .addCommand(workersCommand(client));
  verbsOf(program);
  return program;
}
