import { type Acting, actingIn } from '#libs/core/acting.js';
import { changesBetween, leavesOf, placesIn } from '#libs/core/json-diff.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';

/** The event that last changed a value. */
export interface Origin extends Acting {
  readonly revision: number;
  /** Its type. */
  readonly event: string;
  readonly at: Timestamp;
  readonly commandId: string;
  readonly correlationId: string;
  readonly traceId?: string;
}

/** By the JSON pointer of a value in a view: the event that last changed it. */
export type Origins = Map<string, Origin>;

/** A value of a view, and why it is so. */
export interface ExplainedValue extends Origin {
  /** A JSON pointer. */
  readonly path: string;
  readonly value: Json;
}

/** The same origins, once an event has turned one view into the next. */
export function originsAfter(
  origins: Origins,
  before: JsonObject,
  after: JsonObject,
  event: RecordedEvent,
): Origins {
  const changes = changesBetween(before, after);
  if (changes.length === 0) return origins;
  const origin = originOf(event);
  for (const { path, from, to } of changes) {
    if (from !== undefined) for (const place of placesIn(from, path)) origins.delete(place.path);
    if (to !== undefined) for (const place of placesIn(to, path)) origins.set(place.path, origin);
    // A list that becomes empty is changed by the event that took its last item.
    origins.set(path.slice(0, path.lastIndexOf('/')), origin);
  }
  return origins;
}

/** The scalars and empty parts of a view below a path, each with its origin. */
export function explained(view: JsonObject, origins: Origins, below: string): readonly ExplainedValue[] {
  return leavesOf(view)
    .filter(({ path }) => path === below || path.startsWith(`${below}/`))
    .flatMap(({ path, value }) => {
      const origin = origins.get(path);
      return origin ? [{ path, value, ...origin }] : [];
    });
}

function originOf({ type, revision, metadata }: RecordedEvent): Origin {
  const { at, commandId, $correlationId: correlationId, traceparent } = metadata;
  const traceId = traceparent?.split('-')[1];
  return {
    revision,
    event: type,
    at,
    commandId,
    ...actingIn(metadata),
    correlationId,
    ...(traceId !== undefined && { traceId }),
  };
}
