import { z } from 'zod';
import type { JsonObject } from '#libs/core/json.js';
import { code, detail, entityId, label, ownerStream } from './fields.js';
import { personal } from './personal-data.js';

/** A plain JSON object, which may hold anything. */
const json = personal(z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>);

/** A command with which an entity or a flow answers the one that has asked it. */
export const answer = z.strictObject({ type: label(100), data: json });

/** The id of the command that is to be answered. */
export const answerTo = label(500);

/** The commands with which a flow answers the entity that has started it. */
export const flowAnswers = z.strictObject({ completed: answer, failed: answer, cancelled: answer });

/** The entity that a flow answers when it ends. */
export const asker = z.strictObject({ stream: ownerStream, command: answerTo, answers: flowAnswers });

/** What a flow adds to the command with which it answers, as its field `flow`. */
export const flowAnswer = z.strictObject({
  id: entityId,
  result: json.optional(),
  code: code.optional(),
  detail: detail.optional(),
});
