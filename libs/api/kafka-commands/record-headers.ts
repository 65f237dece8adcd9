import type { ProblemError } from '#libs/core/problem-error.js';
import { InvalidRequestError, problems } from '#libs/core/problems.js';
import type { RawRecord } from '#libs/kafka/kafka.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A problem that names the invalid header. */
export function invalidHeader(header: string, detail: string): ProblemError {
  return new InvalidRequestError(problems.invalidHeader, [{ header, detail }]);
}

/**
 * The text of a header, or undefined if the record has none by that name. Throws a problem if it
 * occurs twice, is null or is not UTF-8.
 */
export function headerOf({ headers }: RawRecord, name: string): string | undefined {
  const [value, ...more] = Object.hasOwn(headers, name) ? (headers[name] ?? []) : [];
  if (value === undefined) return undefined;
  if (more.length > 0) throw invalidHeader(name, 'must occur once');
  if (value === null) throw invalidHeader(name, 'must have a value');
  const text = textOf(value);
  if (text === undefined) throw invalidHeader(name, 'must be UTF-8');
  return text;
}

/** The size of all headers of a record, including their names. */
export function headerBytes({ headers }: RawRecord): number {
  return Object.entries(headers).reduce(
    (sum, [name, values]) =>
      sum + values.reduce((bytes, value) => bytes + Buffer.byteLength(name) + (value?.length ?? 0), 0),
    0,
  );
}

/** Decodes bytes, or returns undefined if they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
