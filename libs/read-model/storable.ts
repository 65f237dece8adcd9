import type { Json } from '#libs/core/json.js';

const REPLACEMENT = '\ufffd';
const UNSTORABLE = /[\0\p{Cs}]/u;
const ALL_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');
/**
 * As written by `JSON.stringify`: whole pairs are unescaped, and any other escape must be skipped
 * as a whole.
 */
const ESCAPES = /\\(u0000|ud[89a-f]..|.)/g;

/** Whether PostgreSQL can store the value of a column unchanged. */
export function isStorable(value: unknown): boolean {
  return typeof value !== 'string' || !UNSTORABLE.test(value);
}

/** Converts a text so that PostgreSQL can store it: NUL and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.replace(ALL_UNSTORABLE, REPLACEMENT);
}

/**
 * The JSON of a value as `jsonb` accepts it: in its texts, too, NUL and lone surrogates become
 * U+FFFD.
 */
export function storableJson(value: Json): string {
  return JSON.stringify(value).replace(ESCAPES, (escape, code: string) =>
    code.length > 1 ? REPLACEMENT : escape,
  );
}
