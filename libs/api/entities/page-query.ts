import { z } from 'zod';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** `limit` of a page: 1 to 200, 50 when absent. */
export const limitParameter = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .default(DEFAULT_LIMIT);

/** A number in an address: whole, not negative, of at most 15 digits. */
export const wholeNumberParameter = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,14})$/, 'must be a whole number of at most 15 digits')
  .transform(Number);

/** `cursor` of a page: what the page before gave as `nextCursor`. */
export const cursorParameter = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be the `nextCursor` of the page before')
  .optional();

/** The query of what takes no parameters. */
export const noQuery = z.strictObject({});

/** The query of a page that has no filters. */
export const pageQuery = z.strictObject({ limit: limitParameter, cursor: cursorParameter });
