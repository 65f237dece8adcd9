import { startProjector } from '#libs/read-model/start-projector.js';
import type { HostedService } from '../hosted-service.js';
import { areConsuming, type RunningRole } from './running-role.js';

/** Keeps the views of the service up to date. */
export function startProjectorRole({ name, views, options }: HostedService): RunningRole {
  const { engines, logger, atStep } = options;
  const { kafka, pool, store } = engines;
  const observed = atStep && { atStep };
  const projector = startProjector({ kafka, pool, store, views, groupPrefix: name, logger, ...observed });
  const check = async () => {
    const detail = projector.health();
    return { ok: areConsuming(detail), detail };
  };
  return { check: { name: 'projector', check }, close: () => projector.close() };
}
