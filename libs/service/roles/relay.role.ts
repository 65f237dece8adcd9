import { fileURLToPath } from 'node:url';
import { startRelay } from '#libs/relay/start-relay.js';
import type { HostedService } from '../hosted-service.js';
import { temporalOf } from '../temporal-config.js';
import type { Supervision } from '#libs/runtime/worker-host.js';
import { healthOf, type RunningRole } from './running-role.js';

/** Publishes the events and states of the service's entities. */
export function startRelayRole(hosted: HostedService, supervision: Supervision): RunningRole {
  const { config, engines, logger, atStep } = hosted.options;
  const relay = startRelay({
    service: hosted.name,
    entities: hosted.byCategory((entity) => entity),
    ...temporalOf(config),
    client: engines.client,
    kafka: engines.kafka,
    store: engines.store,
    workflowBundle: fileURLToPath(hosted.service.workflowBundle),
    logger,
    supervision,
    ...(atStep && { atStep }),
  });
  const check = async () => {
    const { ok } = healthOf([relay.worker]);
    return { ok, detail: relay.health().progress };
  };
  return { check: { name: 'relay', check }, workers: [relay.worker], close: () => relay.close() };
}
