import type { Json } from '#libs/core/json.js';

const REPLACEMENT = '\ufffd';
const UNSTORABLE = /[\0\p{Cs}]/u;
const ALL_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');
/** As `JSON.stringify` writes them: whole pairs stand as they are, any other escape must be passed over as a whole. */
const ESCAPES = /\\(u0000|ud[89a-f]..|.)/g;

/** Whether PostgreSQL can hold the value of a column as it is. */
export function isStorable(value: unknown): boolean {
  return typeof value !== 'string' || !UNSTORABLE.test(value);
}

/** A text as PostgreSQL can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.replace(ALL_UNSTORABLE, REPLACEMENT);
}

/** The JSON of a value as `jsonb` takes it: in its texts, too, NUL and halves of surrogate pairs become U+FFFD. */
export function storableJson(value: Json): string {
  return JSON.stringify(value).replace(ESCAPES, (escape, code: string) =>
    code.length > 1 ? REPLACEMENT : escape,
  );
}
