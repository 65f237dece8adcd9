import { v5 } from 'uuid';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';

// A fixed namespace, so that an id identifies the same content on every machine, permanently.
const NAMESPACE = 'b1d9c0f2-73f4-4d0a-8f5e-2a1c6b7d9e43';

/**
 * The id of the `index`-th of `count` events that a command produces. The id covers the content
 * because the store compares only ids when it answers a repeated append. If changed rules decided
 * otherwise on a retry, an id without the content would be acknowledged while the old bytes stay in
 * the stream, and the entity would differ from its stream. The id also covers the rule time `at`
 * where it matters, since a command that is sent or decided again may get another one.
 */
export function eventId(
  stream: string,
  commandId: string,
  index: number,
  count: number,
  type: string,
  data: JsonObject,
  at?: Timestamp,
): string {
  const content = [stream, commandId, index, count, type, data, ...(at === undefined ? [] : [at])];
  return v5(canonicalJson(content), NAMESPACE);
}
