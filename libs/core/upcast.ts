import type { DomainEvent } from './decider.js';
import type { JsonObject } from './json.js';
import { ProblemError } from './problem-error.js';
import { problems, RETRY_AFTER_SECONDS } from './problems.js';

/** Turns the data of one schema version of an event into that of the next. Pure, like `evolve`. */
export type Upcast = (data: JsonObject) => JsonObject;

/**
 * The steps from each version of an event type to the next, starting with version 1, so their
 * number gives the current version. A type without steps is at version 1.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

/** An event of a version that this code does not know: newer code wrote it. */
export class UnknownVersionError extends ProblemError {
  override readonly name = 'UnknownVersionError';
  constructor(type: string, version: number, current: number) {
    const detail = `${type} is stored in version ${version}; this code knows versions up to ${current}`;
    super(problems.unknownEventVersion, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

/** The version that events of a type are written in. */
export function currentVersion(upcasts: Upcasts | undefined, type: string): number {
  return 1 + (upcasts?.[type]?.length ?? 0);
}

/** The event in its current version. Throws {@link UnknownVersionError}, and what a step throws. */
export function upcast<E extends DomainEvent>(upcasts: Upcasts | undefined, event: E, version: number): E {
  const current = currentVersion(upcasts, event.type);
  if (version === current) return event;
  if (version > current || version < 1) throw new UnknownVersionError(event.type, version, current);
  const steps = upcasts?.[event.type]?.slice(version - 1) ?? [];
  return { ...event, data: steps.reduce((data, step) => step(data), event.data) };
}
