import type { Authenticator } from '#libs/identity/authenticator.js';
import type { Supervision } from '#libs/runtime/worker-host.js';
import type { HostedService } from '../hosted-service.js';
import { type Role, WORKER_ROLES, type WorkerRole } from '../role.js';
import { startCommandsRole } from './commands.role.js';
import { startProjectorRole } from './projector.role.js';
import { startRelayRole } from './relay.role.js';
import type { RunningRole } from './running-role.js';
import { startWorkerRole } from './worker.role.js';

/** What some roles need besides the service. */
interface RoleNeeds {
  readonly authenticator: Authenticator;
  readonly supervision: Supervision;
}

/**
 * How the other roles start. The API only answers requests (see `api.role.ts`), and the roles of
 * Temporal workers start together.
 */
const START: Record<
  Exclude<Role, 'api' | WorkerRole>,
  (hosted: HostedService, needed: RoleNeeds) => RunningRole
> = {
  relay: (hosted, { supervision }) => startRelayRole(hosted, supervision),
  projector: startProjectorRole,
  commands: (hosted, { authenticator }) => startCommandsRole(hosted, authenticator),
};

/** Starts the configured roles. They wait for servers that do not answer. */
export function startRoles(hosted: HostedService, needed: RoleNeeds): readonly RunningRole[] {
  const { ROLES } = hosted.options.config;
  const ofWorkers = WORKER_ROLES.filter((role) => ROLES.includes(role));
  return [
    ...(ofWorkers.length > 0 ? [startWorkerRole(hosted, ofWorkers, needed.supervision)] : []),
    ...ROLES.flatMap((role) => (isOther(role) ? [START[role](hosted, needed)] : [])),
  ];
}

function isOther(role: Role): role is keyof typeof START {
  return Object.hasOwn(START, role);
}
