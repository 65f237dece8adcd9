// Roles of all services in one process, to be killed or frozen at a boundary: node crash-host.js
// <roles> <wave>. It tells its parent when it is ready, and reports every fault of the wave.
import { setTimeout as pause } from 'node:timers/promises';
import { connectEngines } from '#libs/service/engines.js';
import { HostedService } from '#libs/service/hosted-service.js';
import { serviceConfig } from '#libs/service/service-config.js';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import { startRoles } from '#libs/service/roles/start-roles.js';
import { faultyStep } from '#libs/testing/step-faults.js';
import { logger } from '../integration/read-path-kit.js';
import type { Report } from './crash-process.js';
import { services } from './hosted.js';

const [roles = '', wave = ''] = process.argv.slice(2);
const config = serviceConfig(1).parse({ ...process.env, ROLES: roles });

const tell = (report: Report): void => void process.send?.(report);
const atStep = faultyStep(wave, (stream) => tell({ struck: stream }));

const running = services.flatMap((service) => {
  const engines = connectEngines(service.name, config, logger);
  const hosted = new HostedService(service, { engines, config, logger, atStep });
  return startRoles(hosted, { authenticator: new AnonymousAuthenticator(), supervision: {} });
});

// An interrupted test leaves nothing behind.
process.once('disconnect', () => process.exit(0));

const isReady = async (): Promise<boolean> => {
  const answers = await Promise.all(running.map(({ check }) => check.check()));
  return answers.every(({ ok }) => ok);
};
while (!(await isReady())) await pause(20);
tell('ready');
