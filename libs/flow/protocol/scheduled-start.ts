import type { CommandEnvelope } from '#libs/core/envelope.js';
import { type Timestamp, toTimestamp } from '#libs/core/timestamp.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { faultOfCommands, isObject } from '#libs/entity/protocol/message-shapes.js';

/** Temporal appends the scheduled time, in UTC and in whole seconds, to the id of the workflow. */
const SCHEDULED_AT = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;

/** The time for which a schedule started this flow; undefined if none did. */
export function scheduledTimeOf(stream: string): Timestamp | undefined {
  const milliseconds = Date.parse(SCHEDULED_AT.exec(stream)?.[1] ?? '');
  return Number.isNaN(milliseconds) ? undefined : toTimestamp(milliseconds);
}

/**
 * The command with which a scheduled flow starts itself; undefined if no schedule started it, or
 * the input of its workflow, which anyone may write by hand, is malformed.
 *
 * The name of the stream contains the scheduled time, and the id of the command is made from it. So
 * a time that comes twice, as after a backfill, starts one flow.
 */
export function scheduledStart(
  stream: string,
  argument: EntityInput | undefined,
  now: Timestamp,
): CommandEnvelope | undefined {
  const { scheduled } = argument ?? {};
  const at = scheduledTimeOf(stream);
  if (at === undefined || !isObject(scheduled) || !isObject(scheduled.input)) return undefined;
  const { input, timeField } = scheduled;
  const commandId = `${stream}/start`;
  const start = {
    type: 'Start',
    data: { ...input, ...(typeof timeField === 'string' && { [timeField]: at }) },
    commandId,
    // The sender has no memory of its own: the command is looked for at any age.
    keyId: commandId,
    actor: 'system:schedule',
    correlationId: commandId,
    causationId: scheduled.schedule,
    sentAt: now,
  };
  return faultOfCommands([start]) === undefined ? start : undefined;
}
