import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import { problems } from '#libs/core/problems.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { EffectNotDoneError } from '#libs/entity/activities/entity-activities.errors.js';
import { commandIdUnder } from '#libs/entity/gateway/command-id.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { ItemOutcome, LeafContext } from './leaf.js';

/** The command of an item. It must have the same key whenever the item is handled. */
interface ItemCommand {
  readonly keyId: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly causationId: string;
}

/** The envelope of an item's command, sent in the name of the flow on behalf of its caller. */
export function itemEnvelope(
  { stream, trace }: Pick<LeafContext, 'stream' | 'trace'>,
  { keyId, type, data, causationId }: ItemCommand,
): CommandEnvelope {
  return {
    commandId: commandIdUnder(keyId, type, data),
    keyId,
    type,
    data,
    ...trace,
    causationId,
    sender: stream,
    actor: stream,
    sentAt: toTimestamp(Date.now()),
  };
}

/** What the outcome of an item says besides that of its command. */
interface ItemResult<Value extends Json> {
  /** Stands in the results, with the id of the command and, if accepted, its revision. */
  readonly record: JsonObject;
  /** Merged if the command was accepted. */
  readonly value?: Value;
  /** Why it is tried again if the entity has not decided. */
  readonly undecided: string;
}

/**
 * The outcome of an item whose command was sent. Throws `EffectNotDoneError` if that of the command
 * is not known yet.
 */
export function itemOutcome<Value extends Json>(
  receipt: Receipt | undefined,
  { record, value, undecided }: ItemResult<Value>,
): ItemOutcome<Value> {
  if (!receipt || receipt.status === 'pending') throw new EffectNotDoneError(undecided);
  const { commandId } = receipt;
  if (receipt.status === 'accepted') {
    const told = { ...record, commandId, revision: receipt.revision };
    return { outcome: 'done', ...(value !== undefined && { value }), record: told };
  }
  const { status, code, detail } = receipt;
  if (code === problems.outcomeUnknown.code) throw new EffectNotDoneError(detail);
  return { outcome: status, code, detail, record: { ...record, commandId } };
}
