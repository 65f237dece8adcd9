import type { DomainEvent } from './decider.js';
import type { JsonObject } from './json.js';

/** Makes the data of one schema version of an event that of the next. Pure, as `evolve` is. */
export type Upcast = (data: JsonObject) => JsonObject;

/**
 * By type of event, the steps from each version to the next, the first one from version 1: so their number says which
 * version is the current one. A type without steps is at version 1.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

/** An event of a version that this code does not know: newer code wrote it. What it means cannot be known here. */
export class UnknownVersionError extends Error {
  override readonly name = 'UnknownVersionError';
  constructor(type: string, version: number, current: number) {
    super(`${type} is stored in version ${version}, and this code knows it up to version ${current}`);
  }
}

/** The version in which events of a type are written. */
export function currentVersion(upcasts: Upcasts | undefined, type: string): number {
  return 1 + (upcasts?.[type]?.length ?? 0);
}

/** An event as the current version has it. Throws {@link UnknownVersionError}, and what a step throws. */
export function upcast<E extends DomainEvent>(upcasts: Upcasts | undefined, event: E, version: number): E {
  const current = currentVersion(upcasts, event.type);
  if (version === current) return event;
  if (version > current || version < 1) throw new UnknownVersionError(event.type, version, current);
  const steps = upcasts?.[event.type]?.slice(version - 1) ?? [];
  return { ...event, data: steps.reduce((data, step) => step(data), event.data) };
}
