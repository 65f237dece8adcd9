import { z } from 'zod';
import { ENTITY_ID, STREAM_NAME, TENANT } from '#libs/core/entity-id.js';
import { notPersonal, personal } from './personal-data.js';

// Patterns are part of the OpenAPI documents, so they are plain ECMA-262 without look-around or
// \p{…}, which every generator can read.
// eslint-disable-next-line no-control-regex -- text on one line has none of them
const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f]*$/;
const LONE_SURROGATE = /\p{Cs}/u;
const ID = /^[A-Za-z0-9._~@:-]+$/;
const CURRENCY = /^[A-Z]{3}$/;
const FIRST_MOMENT = Date.parse('0001-01-01T00:00:00Z');
const DURATION = /^[0-9]{1,9}(ms|s|m|h|d)$/;
// eslint-disable-next-line no-control-regex -- an address has none of them
const EMAIL_ADDRESS = /^[^\u0000-\u0020\u007f-\u009f@]+@[^\u0000-\u0020\u007f-\u009f@]+$/;

/**
 * A text of at most `max` code points, as JSON Schema counts them. It may have several lines, but
 * no lone surrogates.
 */
export function atMost(max: number, checked: z.ZodString) {
  return checked
    .refine(
      (value) => Array.from(value.slice(0, 2 * max + 1)).length <= max,
      `must have at most ${max} characters`,
    )
    .refine((value) => !LONE_SURROGATE.test(value), 'must not contain lone surrogates')
    .meta({ maxLength: max, examples: ['As agreed'] });
}

/**
 * Text for people: one line, no control characters. It counts as personal data, because people
 * write anything into it.
 */
export function text(max: number) {
  return personal(atMost(max, z.string().min(1).regex(ONE_LINE, 'must not contain control characters')));
}

/** A text that a program makes, such as the name of a step or a state: not personal data. */
export function label(max: number) {
  return notPersonal(text(max));
}

/** A code of an error or a rejection. */
export const code = notPersonal(z.string());

/** Why something failed, in words that may come from elsewhere. */
export const detail = personal(z.string());

/**
 * The name of something inside an entity, such as `h-1`, with the same characters as an entity id.
 */
export const localId = z
  .string()
  .min(1)
  .max(100)
  .regex(ID, 'may only contain A–Z a–z 0–9 . _ ~ @ : -')
  .meta({ examples: ['order-42'] });

/** The id of another entity: of a customer, a cart, an item. */
export const entityId = z
  .string()
  .min(1)
  .max(200)
  .regex(new RegExp(`^${ENTITY_ID}$`), 'may only contain A–Z a–z 0–9 . _ ~ @ : -')
  .meta({ examples: ['customer-7'] });

/** The stream of the entity, often a saga, that alone may end something. */
export const ownerStream = notPersonal(z.string().min(1).max(300)).meta({
  examples: ['checkout-default.c1:checkout-1'],
});

/** A tenant, in what operators see and ask for. */
export const tenant = notPersonal(z.string().regex(new RegExp(`^${TENANT}$`), 'must be a tenant')).meta({
  examples: ['default'],
});

/** The caller that started a saga or a flow, as its credential proves it. */
export const starter = personal(z.string()).meta({
  description: 'The caller that started it, and owns it; absent if an entity did',
  examples: ['alice'],
});

/** The id of a command, as its receipt states it. */
export const commandId = label(300).meta({ examples: ['0198c3f2-6c1d-7b7a-9f43-2f0d8a1f6c55'] });

/** The name of an entity's stream, as operators enter it. */
export const stream = z
  .string()
  .min(1)
  .max(300)
  .regex(new RegExp(`^${STREAM_NAME}$`), 'must be the name of an entity’s stream')
  .meta({ examples: ['account-default.alice'] });

/** A number of pieces, 1 to 1,000,000,000. */
export const quantity = z
  .int()
  .min(1)
  .max(1_000_000_000)
  .meta({ examples: [2] });

/** A number of pieces that may be zero. */
export const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** An amount of money in minor units (cents): a positive integer up to 2^53 − 1. */
export const amount = z
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ examples: [1250] });

/** An amount or balance that may be zero. */
export const balance = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ examples: [1250] });

/** ISO 4217 alphabetic code. */
export const currency = z
  .string()
  .regex(CURRENCY, 'must be an ISO 4217 code such as USD')
  .meta({ examples: ['USD'] });

/** A length of time: a whole number with its unit, such as `30s` or `24h`. */
export const duration = z
  .string()
  .regex(DURATION, 'must be a whole number of ms, s, m, h or d, such as 24h')
  .meta({ examples: ['24h'] });

/** The address that a mail is sent to. Only a mail that arrives proves that it is right. */
export const emailAddress = personal(
  atMost(200, z.string().regex(EMAIL_ADDRESS, 'must be an email address such as alice@example.com')),
).meta({ maxLength: 200, examples: ['alice@example.com'] });

/**
 * RFC 3339 in UTC, read with any fraction of a second and normalised to milliseconds. What is
 * before the year 1 becomes its first moment: RFC 3339 has a year 0, and PostgreSQL has none.
 * `abort`: checks continue after one has failed, and text that is not a time cannot be normalised.
 */
export const timestamp = z.iso
  .datetime({ message: 'must be an RFC 3339 time in UTC such as 2026-12-31T23:59:59Z', abort: true })
  .overwrite((value) => new Date(Math.max(Date.parse(value), FIRST_MOMENT)).toISOString())
  .meta({ examples: ['2026-12-31T23:59:59Z'] });

/** The format of a stored time: RFC 3339 in UTC with milliseconds. */
export const recordedAt = z.iso.datetime({ precision: 3 });
