import type { IncomingHttpHeaders } from 'node:http';
import { invalid } from './request-problems.js';

/** The longest a client may wait for an outcome, in seconds. */
export const MAX_WAIT_SECONDS = 30;

/** What the headers of a command ask for. */
export interface CommandHeaders {
  /** Seconds to wait for the outcome; undefined: answer 202 at once. */
  readonly waitSeconds: number | undefined;
  readonly idempotencyKey: string | undefined;
  readonly expectedRevision: number | undefined;
}

const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;
const STRONG_ETAG = /^"(\d{1,15})"$/;

/** Reads `Prefer`, `Idempotency-Key` and `If-Match`; throws a problem that names the header at fault. */
export function commandHeaders(headers: IncomingHttpHeaders): CommandHeaders {
  return {
    waitSeconds: waitOf(headers['prefer']),
    idempotencyKey: keyOf(headers['idempotency-key']),
    expectedRevision: revisionOf(headers['if-match']),
  };
}

/** RFC 7240: preferences that are not known or not well-formed are passed over. */
function waitOf(value: string | string[] | undefined): number | undefined {
  const preferences = [value ?? []].flat().join(',').split(',');
  for (const preference of preferences) {
    const found = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(;.*)?$/i.exec(preference);
    if (found) return Math.min(Number(found[1]), MAX_WAIT_SECONDS);
  }
  return undefined;
}

/** The draft says a quoted string; most clients send it bare. */
function keyOf(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = [value].flat().join(',').trim();
  const quoted = QUOTED.exec(text);
  const key = quoted ? (quoted[1] as string).replace(/\\(["\\])/g, '$1') : text;
  if (KEY.test(key)) return key;
  const detail = 'must be 1 to 255 printable ASCII characters, quoted or bare';
  throw invalid('REQUEST.INVALID_HEADER', [{ header: 'Idempotency-Key', detail }]);
}

/** A strong ETag. `*` asks for nothing that the entity's rules do not ask anyway. */
function revisionOf(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '*') return undefined;
  const found = STRONG_ETAG.exec(value.trim());
  if (found) return Number(found[1]);
  const detail = 'must be one strong ETag such as "17"';
  throw invalid('REQUEST.INVALID_HEADER', [{ header: 'If-Match', detail }]);
}
