import type { JsonObject } from '#libs/core/json.js';

/**
 * What is known of an entity at this moment and stands in none of its events. A class, so that Nest
 * can inject it.
 */
export abstract class LiveProgress {
  /** Fields to show in addition to the state. Undefined if there can be none. */
  abstract of(stream: string, state: JsonObject): Promise<JsonObject | undefined>;
}
