import type { Acting } from './acting.js';
import type { FlowHostFacts } from './flow/flow.messages.js';
import type { JsonObject } from './json.js';
import type { Timestamp } from './timestamp.js';

/**
 * A command in transit to an entity.
 *
 * `commandId` identifies the command; a retry carries the same one. `keyId` is derived from the
 * idempotency key, and the entity finds duplicates by it. Without a key it is absent, and the
 * `commandId` is used instead. `sentAt` is stamped by the API and never taken from a client.
 */
export interface CommandEnvelope extends Acting {
  readonly commandId: string;
  readonly keyId?: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
  /** The stream of the entity whose effect this is. A command from outside never has one. */
  readonly sender?: string;
  /**
   * The revision the sender saw (`If-Match`). If the entity is at another one, the command is
   * rejected.
   */
  readonly expectedRevision?: number;
  /**
   * The sender is allowed to do this only to what it owns (see `Decider.owner`): for it, an entity
   * of another owner does not exist. If absent, the owner does not matter.
   */
  readonly onlyFor?: string;
  /** The roles of that sender, if it has any. */
  readonly roles?: readonly string[];
  readonly sentAt: Timestamp;
  /**
   * Facts that the runtime of a flow adds when it decides the command. It overwrites whatever a
   * sender puts here.
   */
  readonly host?: FlowHostFacts;
}

/** The id by which the entity finds duplicates of a command. */
export function keyOf(envelope: Pick<CommandEnvelope, 'commandId' | 'keyId'>): string {
  return envelope.keyId ?? envelope.commandId;
}
