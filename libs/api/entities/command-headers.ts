import type { IncomingHttpHeaders } from 'node:http';
import { InvalidRequestError, problems } from '#libs/core/problems.js';
import { revisionIn } from '../http/etag.js';

/** The longest time that a client may wait for an outcome, in seconds. */
export const MAX_WAIT_SECONDS = 30;

/** What the headers of a command ask for. */
export interface CommandHeaders {
  /** Seconds to wait for the outcome. Undefined means: answer 202 at once. */
  readonly waitSeconds: number | undefined;
  /** The value of `Preference-Applied`, if a preference was followed. */
  readonly preferenceApplied: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly expectedRevision: number | undefined;
}

/**
 * `Idempotency-Key`: 1 to 255 printable ASCII characters without blanks at either end, bare or as a
 * quoted string.
 */
export const IDEMPOTENCY_KEY =
  /^(?:[\x21\x23-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?|"(?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])(?:(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){0,253}(?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\]))?")$/;
/** `If-Match`: one strong ETag, or `*` for any revision. */
export const IF_MATCH = /^(?:\*|"\d{1,15}")$/;
const PREFERENCE = /^\s*([a-z-]+)\s*(?:=\s*"?(\d{1,9})"?\s*)?(?:;.*)?$/i;

/**
 * Parses `Prefer`, `Idempotency-Key` and `If-Match`. Throws a problem that names the invalid
 * header.
 */
export function commandHeaders(headers: IncomingHttpHeaders): CommandHeaders {
  return {
    ...preferencesOf(headers['prefer']),
    idempotencyKey: keyOf(headers['idempotency-key']),
    expectedRevision: revisionOf(headers['if-match']),
  };
}

/**
 * Parses `Prefer` (RFC 7240). Ignores unknown and malformed preferences; if one occurs twice, the
 * first counts. `respond-async, wait=10` means the same as `wait=10`: wait for 10 s, then answer
 * 202.
 */
export function preferencesOf(
  value: string | string[] | undefined,
): Pick<CommandHeaders, 'waitSeconds' | 'preferenceApplied'> {
  let isAsync = false;
  for (const preference of [value ?? []].flat().join(',').split(',')) {
    const [, name, seconds] = PREFERENCE.exec(preference) ?? [];
    if (name?.toLowerCase() === 'respond-async') isAsync = true;
    if (name?.toLowerCase() !== 'wait' || seconds === undefined) continue;
    const wait = Math.min(Number(seconds), MAX_WAIT_SECONDS);
    return { waitSeconds: wait === 0 ? undefined : wait, preferenceApplied: `wait=${wait}` };
  }
  return { waitSeconds: undefined, preferenceApplied: isAsync ? 'respond-async' : undefined };
}

/**
 * Accepts the key bare or quoted. The draft requires a quoted string, but most clients send it
 * bare.
 */
function keyOf(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = [value].flat().join(',');
  if (IDEMPOTENCY_KEY.test(text)) {
    return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text;
  }
  const detail = 'must be 1 to 255 printable ASCII characters, quoted or bare';
  throw new InvalidRequestError(problems.invalidHeader, [{ header: 'Idempotency-Key', detail }]);
}

/** `*` only requires that the entity exists. That is left to the rules of the entity. */
function revisionOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (IF_MATCH.test(value)) return revisionIn(value);
  const detail = 'must be one strong ETag such as "17"';
  throw new InvalidRequestError(problems.invalidHeader, [{ header: 'If-Match', detail }]);
}
