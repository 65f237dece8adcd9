import { v5 } from 'uuid';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';

// A fixed namespace: with it an id stands for one content in one place, on every machine and for ever.
const NAMESPACE = 'b1d9c0f2-73f4-4d0a-8f5e-2a1c6b7d9e43';

/**
 * The id of the `index`-th of `count` events that a command makes. The content is part of it because the store's
 * idempotent answer compares ids only: were a changed rule to decide otherwise on a retry, an id without the content
 * would be answered "ok" while the old bytes stay, and the entity would differ from its stream. So is the rule time `at`,
 * where it matters: a command that is sent or decided again may get another one.
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
