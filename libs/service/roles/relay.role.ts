import { fileURLToPath } from 'node:url';
import { startRelay } from '#libs/relay/start-relay.js';
import type { HostedService } from '../hosted-service.js';
import { temporalOf } from '../temporal-config.js';
import type { RunningRole } from './running-role.js';

/** Publishes the events and states of the service's entities. */
export function startRelayRole(hosted: HostedService): RunningRole {
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
    ...(atStep && { atStep }),
  });
  const check = async () => {
    const { isReady: ok, progress: detail } = relay.health();
    return { ok, detail };
  };
  return { check: { name: 'relay', check }, close: () => relay.close() };
}
