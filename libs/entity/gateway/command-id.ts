import { v5, v7 } from 'uuid';
import type { JsonObject } from '#libs/core/json.js';
import { canonicalJson } from '#libs/core/canonical-json.js';

// A fixed, published namespace: changing it would make every retry in flight a new command.
const NAMESPACE = '5a2a7c1e-6d0b-4d5e-9a52-0d6f3f1b7c11';

/** Who sends what to whom under which key: what an idempotency key is unique in. */
export interface KeyScope {
  readonly tenant: string;
  readonly caller: string;
  /** The stream name of the entity. */
  readonly entity: string;
  readonly key: string;
}

/** Ids of a command sent without a key: time-ordered, unique. */
export function freshCommandId(): string {
  return v7();
}

/**
 * Ids of a command sent under an idempotency key. The same key gives the same `keyId`; the same key
 * with the same content gives the same `commandId`, so nothing has to be stored before the send.
 */
export function keyedCommandIds(scope: KeyScope, type: string, data: JsonObject) {
  const keyId = v5(JSON.stringify([scope.tenant, scope.caller, scope.entity, scope.key]), NAMESPACE);
  return { keyId, commandId: v5(canonicalJson([type, data]), keyId) };
}

/**
 * The id of an entity made by `POST` on the collection: derived from the key, so a retry makes no
 * second one.
 */
export function derivedEntityId(scope: Omit<KeyScope, 'entity'>, category: string): string {
  return v5(JSON.stringify([scope.tenant, scope.caller, category, scope.key, 'id']), NAMESPACE);
}
