import { z } from 'zod';

const DEFAULT_LIMIT = 50;

/** `limit` of a page: 1 to 200. Default: 50. */
export const limitParameter = z
  .string()
  .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
  .transform(Number)
  .default(DEFAULT_LIMIT);

/** A query parameter that is a whole number of at most 15 digits, not negative. */
export const wholeNumberParameter = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,14})$/, 'must be a whole number of at most 15 digits')
  .transform(Number);

/** `cursor` of a page: the `nextCursor` of the previous page. */
export const cursorParameter = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be the `nextCursor` of the previous page')
  .optional();

/** The query of a request without parameters. */
export const noQuery = z.strictObject({});

/** The query of a page without filters. */
export const pageQuery = z.strictObject({ limit: limitParameter, cursor: cursorParameter });
