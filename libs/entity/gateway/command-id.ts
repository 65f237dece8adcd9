import { v5, v7 } from 'uuid';
import type { JsonObject } from '#libs/core/json.js';
import { canonicalJson } from '#libs/core/canonical-json.js';

// A fixed, published namespace. A different one would turn every pending retry into a new command.
const NAMESPACE = '5a2a7c1e-6d0b-4d5e-9a52-0d6f3f1b7c11';

/** The scope in which an idempotency key is unique, and the key. */
export interface KeyScope {
  readonly tenant: string;
  readonly caller: string;
  /** The stream name of the entity. */
  readonly entity: string;
  readonly key: string;
}

/** The id of a command sent without a key: unique, and ordered by time. */
export function freshCommandId(): string {
  return v7();
}

/**
 * The ids of a command sent with an idempotency key. The same key gives the same `keyId`. The same
 * key with the same content gives the same `commandId`, so nothing has to be stored before sending.
 */
export function keyedCommandIds(scope: KeyScope, type: string, data: JsonObject) {
  const keyId = v5(JSON.stringify([scope.tenant, scope.caller, scope.entity, scope.key]), NAMESPACE);
  return { keyId, commandId: commandIdUnder(keyId, type, data) };
}

/** The id of a command under a key: the same for the same content. */
export function commandIdUnder(keyId: string, type: string, data: JsonObject): string {
  return v5(canonicalJson([type, data]), keyId);
}

/**
 * The id of an entity created by `POST` on the collection. It is derived from the key, so that a
 * retry does not create a second entity.
 */
export function derivedEntityId(scope: Omit<KeyScope, 'entity'>, category: string): string {
  return v5(JSON.stringify([scope.tenant, scope.caller, category, scope.key, 'id']), NAMESPACE);
}
