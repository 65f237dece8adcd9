import { currentVersion } from '#libs/core/upcast.js';
import type { EntityDefinition } from './service.js';

/** A contract and the upcasts of its rules disagree about the current version of an event. */
class EventVersionError extends Error {
  override readonly name = 'EventVersionError';
}

/** Throws unless the version of every event in the contract is the one that its upcasts lead to. */
export function checkVersions({ contract, decider }: Pick<EntityDefinition, 'contract' | 'decider'>): void {
  for (const [type, { version }] of Object.entries(contract.events)) {
    const written = currentVersion(decider.upcasts, type);
    if (version === written) continue;
    const detail = `the contract has version ${version}, the upcasts lead to version ${written}`;
    throw new EventVersionError(`${contract.name}: ${type} is written in two versions: ${detail}`);
  }
}
