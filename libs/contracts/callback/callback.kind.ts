import type { CallbackCommand } from './callback.contract.js';
import type { CallPolicies, Flow, FlowTypes } from '#libs/core/flow/flow.js';
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

/** What a flow wants to be told: the webhooks of a provider about a key, as messages of a name. */
export interface Webhooks<Name> {
  readonly provider: string;
  readonly key: string;
  readonly message: Name;
}

/** How long the callback may take to answer. If it is away, the flow continues without webhooks. */
const PATIENCE = '30s';

/**
 * Runs a branch of a flow. Until it ends, the flow receives the webhooks of a provider about a key,
 * those included that came before. Each is a message with the field `callback`. The branch must not
 * rely on them: give `receive` a timeout, and ask the provider after it.
 */
export async function withWebhooks<T extends FlowTypes, C extends CallPolicies, Value>(
  f: Flow<T, C>,
  { provider, key, message: type }: Webhooks<keyof T['messages'] & string>,
  branch: (f: Flow<T, C>) => Promise<Value>,
): Promise<Value> {
  const callback = (of: Flow<T, C>) => of.entity(Callback, callbackId(provider, key));
  const inTime = (of: Flow<T, C>, send: (of: Flow<T, C>) => Promise<unknown>) =>
    of.race({ send, patience: (by) => by.sleep(PATIENCE) }, 'callback');
  try {
    await inTime(f, (of) =>
      callback(of).send({ type: 'Wait', data: { takes: 'all', answer: { type, data: {} } } }),
    );
    return await branch(f);
  } finally {
    await f.shield((of) => inTime(of, (by) => callback(by).send({ type: 'StopWaiting', data: {} })));
  }
}
