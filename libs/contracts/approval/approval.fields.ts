import { z } from 'zod';
import type { JsonObject } from '#libs/core/json.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { answer } from '../answers.js';
import { atMost, entityId, recordedAt, text, timestamp } from '../fields.js';
import { personal } from '../personal-data.js';

const MAX_CONTENT_BYTES = 32_768;

/** The id of a caller, as its credential states it. */
export const callerId = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[!-~]+$/, 'must be visible ASCII characters')
  .meta({ examples: ['tom'] });

/** Somebody who may decide: `user:tom`, or everybody with a role: `role:supervisor`. */
export const candidate = z
  .string()
  .max(300)
  .regex(/^(user|role):[!-~]+$/, 'must be user:<id> or role:<role>')
  .meta({ examples: ['role:supervisor'] });

/** One person who may decide: `user:tom`. */
export const person = z
  .string()
  .max(300)
  .regex(/^user:[!-~]+$/, 'must be user:<id>')
  .meta({ examples: ['user:tom'] });

/** What the candidates should know, on several lines. */
export const explanation = personal(atMost(2_000, z.string().min(1)));

/** Those who may decide. */
export const candidates = z.array(candidate).min(1).max(50);

/** A plain JSON object, which may hold anything. */
const json = personal(z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>);

/** What is to be approved: plain JSON of at most 32 KB. */
export const content = json
  .refine((value) => jsonBytes(value) <= MAX_CONTENT_BYTES, 'must have at most 32 KB')
  .meta({ examples: [{ order: 'o-7', amount: 125_000, currency: 'EUR' }] });

/** SHA-256 of the content as canonical JSON (RFC 8785), in hexadecimal digits. */
export const contentHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal digits')
  .meta({ examples: ['5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592'] });

/** When others may decide, too, and who. */
export const escalation = z.strictObject({ at: timestamp, to: candidates });

/** The same, as it is stored. */
export const plannedEscalation = z.strictObject({ at: recordedAt, to: candidates });

/** The commands with which an approval answers the entity that requested it. */
export const answers = z.strictObject({
  approved: answer,
  refused: answer,
  withdrawn: answer,
});

/** What an approval adds to the command with which it answers, as its field `approval`. */
export const approvalAnswer = z.strictObject({
  id: entityId,
  contentHash,
  by: z.array(callerId).meta({ description: 'Who decided; nobody if the deadline passed' }),
  reason: text(500).optional(),
});
