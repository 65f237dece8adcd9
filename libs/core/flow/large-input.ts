import type { Json, JsonObject } from '../json.js';
import { type Rejection, reject } from '../rejection.js';

/** The largest input, in bytes of JSON. */
const MAX_INPUT_BYTES = 4_194_304;

/** Where an input is that is kept as a blob. */
export type InputBlob = { readonly owner: string; readonly hash: string; readonly bytes: number };

/** Stands for an input that is too large for messages and events. */
export function inputByReference({ owner, hash, bytes }: InputBlob): JsonObject {
  return { $blob: { owner, hash, bytes } };
}

/** Where the input is; undefined if this is the input itself. */
export function inputBlobIn(input: JsonObject): InputBlob | undefined {
  const names = Object.keys(input);
  const blob: Json | undefined = input['$blob'];
  if (names.length !== 1 || typeof blob !== 'object' || blob === null) return undefined;
  const { owner, hash, bytes } = blob as Readonly<Record<string, unknown>>;
  return typeof owner === 'string' && typeof hash === 'string' && typeof bytes === 'number'
    ? { owner, hash, bytes }
    : undefined;
}

/** The rejection of an input that is too large even for a blob; undefined if it is not. */
export function tooLargeBlob(input: JsonObject): Rejection | undefined {
  const bytes = inputBlobIn(input)?.bytes ?? 0;
  if (bytes <= MAX_INPUT_BYTES) return undefined;
  return reject('FLOW.TOO_LARGE', `the input has ${bytes} bytes of JSON; ${MAX_INPUT_BYTES} are allowed`);
}
