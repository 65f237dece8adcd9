import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { CallAction, EffectOutcome, SendAction } from '#libs/core/effect.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import { oneLine } from '#libs/core/one-line.js';
import { problems } from '#libs/core/problems.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { EffectRequest, EffectResult } from '#libs/entity/protocol/activity-messages.js';
import type { PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import type { Logger } from '#libs/runtime/logger.js';
import { type CallDependencies, callOutside } from './call-outside.js';
import { EffectNotDoneError, EffectRefusedError } from './entity-activities.errors.js';
import { countUnheardRefusal } from './effect-metrics.js';
import { replyIdOf } from './pending-effects.js';
import { about } from '#libs/runtime/log-fields.js';

/** Shorter than the activity's time-out. */
const WAIT_MILLISECONDS = 8_000;

/** The length of a refusal's reason, which becomes part of an event. */
const MAX_DETAIL = 500;

/** Sends commands to entities of any category. The gateway is one. */
export interface CommandSender {
  execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
  ): Promise<readonly ({ readonly status: 'pending' } | Acceptance | Refusal)[]>;
}

interface Acceptance {
  readonly status: 'accepted';
  readonly revision: number;
  /** The types of its events. */
  readonly events?: readonly string[];
}

interface Refusal {
  readonly status: 'rejected' | 'failed';
  readonly code: string;
  readonly detail: string;
}

/** What effects may use. */
interface Outside extends CallDependencies {
  readonly sender?: CommandSender;
  readonly logger: Logger;
}

/**
 * Tries an effect once. Throws if its outcome is not known yet; the next attempt has the same id.
 */
export async function runEffect(
  outside: Outside,
  { stream, effect }: EffectRequest,
  attempt: number,
): Promise<EffectResult> {
  const outcome = await outcomeOf(outside, stream, effect, attempt);
  if (!outcome) return {};
  const { reply, replyOn } = effect;
  const isTold = replyOn === undefined || outcome.status === 'refused';
  if (reply !== undefined && isTold) return { reply: replyTo(stream, effect, reply, outcome) };
  if (outcome.status === 'refused') {
    countUnheardRefusal(stream);
    const { code } = outcome;
    outside.logger.warn(
      { ...about(stream, { commandId: effect.id, ...effect }), effect: effect.key, code },
      'an effect was refused, and its entity is not told',
    );
  }
  return {};
}

/** Undefined if the target will answer later. */
async function outcomeOf(
  outside: Outside,
  stream: string,
  effect: PendingEffect,
  attempts: number,
): Promise<EffectOutcome | undefined> {
  const { key, action, echo } = effect;
  const of = { key, attempts, ...(echo !== undefined && { echo }) };
  try {
    if (action.kind === 'call') {
      const result = await call(outside, stream, effect, action);
      return { ...of, status: 'done', result };
    }
    const acceptance = await send(outside.sender, stream, effect, action);
    return isAnsweredLater(action, acceptance) ? undefined : { ...of, status: 'done', result: {} };
  } catch (error) {
    if (!(error instanceof EffectRefusedError)) throw error;
    return { ...of, ...refusedBy(error) };
  }
}

/** A refusal as an outcome. Its reason is reduced to one line. */
export function refusedBy({ code, message }: EffectRefusedError) {
  return { status: 'refused', code, detail: oneLine(message, MAX_DETAIL) } as const;
}

function isAnsweredLater({ answer }: SendAction, { events }: Acceptance): boolean {
  return typeof answer === 'object' ? events?.includes(answer.laterAfter) === true : answer === 'later';
}

async function send(
  sender: CommandSender | undefined,
  from: string,
  { id, correlationId, causationId, onBehalfOf, traceparent }: PendingEffect,
  action: SendAction,
): Promise<Acceptance> {
  const commandId = action.answerTo === undefined ? id : replyIdOf(action.answerTo);
  // Each attempt has a time of its own, so the target must look for the command at any age, as for
  // a client's key.
  const ids = {
    ...{ commandId, keyId: commandId, correlationId, causationId },
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    ...(traceparent !== undefined && { traceparent }),
  };
  return sendCommand(sender, from, ids, action);
}

/** The ids of a command, and on whose behalf it is sent. Every attempt to send it has the same. */
export type CommandIds = Pick<
  CommandEnvelope,
  'commandId' | 'keyId' | 'correlationId' | 'causationId' | 'onBehalfOf' | 'traceparent'
>;

/**
 * Sends a command from one entity, its actor, to another, once. Throws `EffectRefusedError` if it
 * was rejected, and any other error if its outcome is not known yet.
 */
export async function sendCommand(
  sender: CommandSender | undefined,
  from: string,
  ids: CommandIds,
  { to, command, onlyFor }: SendAction,
): Promise<Acceptance> {
  if (!sender) throw new EffectNotDoneError('this process has no way to send commands');
  const target = streamName(to.category, to.id, parseStreamName(from)?.tenant);
  const by = { sender: from, actor: from, ...(onlyFor !== undefined && { onlyFor }) };
  const envelope = { ...command, ...ids, ...by, sentAt: toTimestamp(Date.now()) };
  const [receipt] = await sender.execute(target, [envelope], WAIT_MILLISECONDS);
  if (!receipt || receipt.status === 'pending') {
    throw new EffectNotDoneError(`${target} has not decided ${command.type} yet`);
  }
  if (receipt.status === 'accepted') return receipt;
  const { code, detail } = receipt;
  if (code === problems.outcomeUnknown.code) throw new EffectNotDoneError(detail);
  throw new EffectRefusedError(code, detail);
}

/** Makes a call. Without a secret for callback addresses, the call gets none: it ends at once. */
function call(outside: Outside, stream: string, { id, callback }: PendingEffect, action: CallAction) {
  const calling = { action, idempotencyKey: id, stream };
  if (!callback || !outside.callbackUrl) return callOutside(outside, calling);
  const of = { ...callback, place: `${stream}/${callback.place}` };
  const callbackUrl = `callback-address:${of.place}`;
  const data = { ...action.data, callbackUrl };
  return callOutside(outside, { ...calling, action: { ...action, data }, addresses: { [callbackUrl]: of } });
}

function replyTo(
  stream: string,
  { id, correlationId, onBehalfOf, traceparent }: PendingEffect,
  type: string,
  outcome: EffectOutcome,
): CommandEnvelope {
  return {
    commandId: replyIdOf(id),
    type,
    data: outcome,
    actor: stream,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    correlationId,
    causationId: id,
    ...(traceparent !== undefined && { traceparent }),
    sentAt: toTimestamp(Date.now()),
  };
}
