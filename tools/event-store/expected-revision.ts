import { invalidRequest } from './request.errors.js';
import { toRevision } from './stored-event.js';
import type { Expected } from './write-request.js';

/** What the options of append, delete and tombstone have in common. */
export interface RevisionOptions {
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
  hasAny(): boolean;
  hasRevision(): boolean;
  getRevision(): string;
}

/** The expected revision of a request; throws `RequestError` when it names none. */
export function expectedOf(options: RevisionOptions): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  if (options.hasAny()) return 'any';
  return toExpected(options.hasRevision() ? BigInt(options.getRevision()) : undefined);
}

/** The same of an append; undefined: it names none. */
export function toExpected(expected: Expected | undefined): Expected {
  if (expected === undefined) throw invalidRequest('an expected revision is needed');
  return typeof expected === 'bigint' ? toRevision(expected) : expected;
}
