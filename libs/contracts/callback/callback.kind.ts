import type { CallbackCommand } from './callback.contract.js';
import { entityKind } from '#libs/core/entity.js';
import { isEntityId } from '#libs/core/entity-id.js';
import { sha256 } from '#libs/core/sha256.js';

export const Callback = entityKind<CallbackCommand>('callback');

/**
 * The id of the callback for a provider's key: `<provider>:<key>`. A key that no entity id can have
 * is replaced by its SHA-256.
 */
export function callbackId(provider: string, key: string): string {
  const id = `${provider}:${key}`;
  return isEntityId(id) ? id : `${provider}:sha256:${sha256(key)}`;
}

/** The id of the callback for a webhook in which no key was found. */
export function unmatchedId(provider: string, webhookId: string): string {
  return callbackId(provider, `unmatched-${webhookId}`);
}
