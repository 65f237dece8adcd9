import type { Authenticator } from '#libs/identity/authenticator.js';
import type { HostedService } from '../hosted-service.js';
import type { Role } from '../service-config.js';
import { startCommandsRole } from './commands.role.js';
import { startProjectorRole } from './projector.role.js';
import { startRelayRole } from './relay.role.js';
import type { RunningRole } from './running-role.js';
import { startWorkerRole } from './worker.role.js';

/**
 * How each role starts. The API is missing because it only answers requests (see `api.role.ts`).
 */
const START: Record<
  Exclude<Role, 'api'>,
  (hosted: HostedService, authenticator: Authenticator) => RunningRole
> = {
  worker: startWorkerRole,
  relay: startRelayRole,
  projector: startProjectorRole,
  commands: startCommandsRole,
};

/** Starts the configured roles. They wait for servers that do not answer. */
export function startRoles(hosted: HostedService, authenticator: Authenticator): readonly RunningRole[] {
  const { ROLES } = hosted.options.config;
  return ROLES.flatMap((role) => (role === 'api' ? [] : START[role](hosted, authenticator)));
}
