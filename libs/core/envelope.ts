import type { JsonObject } from './json.js';
import type { Timestamp } from './timestamp.js';

/**
 * A command on its way to an entity.
 *
 * `commandId` names this very command (a retry carries it again); `keyId` is what the entity dedupes on: with an
 * idempotency key it is derived from that key, else it is absent and the commandId stands for it. `sentAt` is stamped
 * at the edge of the system, never taken from a client.
 */
export interface CommandEnvelope {
  readonly commandId: string;
  readonly keyId?: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
  /** Stream of the entity whose effect this is. Set by us alone: what comes from outside has none. */
  readonly sender?: string;
  /** The revision the sender saw (`If-Match`): any other at the time of the decision rejects the command. */
  readonly expectedRevision?: number;
  readonly sentAt: Timestamp;
}

/** What the entity dedupes a command on. */
export function keyOf(envelope: Pick<CommandEnvelope, 'commandId' | 'keyId'>): string {
  return envelope.keyId ?? envelope.commandId;
}
