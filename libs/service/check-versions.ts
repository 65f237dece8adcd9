import { currentVersion } from '#libs/core/upcast.js';
import type { EntityDefinition } from './service.js';

/** The contract states another version of an event than its upcasts lead to. */
class EventVersionError extends Error {
  override readonly name = 'EventVersionError';
}

/** Throws unless every event is written in the version that its contract states. */
export function checkVersions({ contract, decider }: Pick<EntityDefinition, 'contract' | 'decider'>): void {
  for (const [type, { version }] of Object.entries(contract.events)) {
    const written = currentVersion(decider.upcasts, type);
    if (version === written) continue;
    const detail = `the contract has version ${version}, the upcasts lead to version ${written}`;
    throw new EventVersionError(`${contract.name}: ${type} is written in two versions: ${detail}`);
  }
}
