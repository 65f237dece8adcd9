import { invalidRequest } from './request.errors.js';
import { toRevision } from './stored-event.js';
import type { Expected } from './write-request.js';

/** The common options of append, delete and tombstone. */
export interface RevisionOptions {
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
  hasAny(): boolean;
  hasRevision(): boolean;
  getRevision(): string;
}

/** The expected revision of a request. Throws `RequestError` if it has none. */
export function expectedOf(options: RevisionOptions): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  if (options.hasAny()) return 'any';
  return toExpected(options.hasRevision() ? BigInt(options.getRevision()) : undefined);
}

/** The same for an append, where undefined means that it has none. */
export function toExpected(expected: Expected | undefined): Expected {
  if (expected === undefined) throw invalidRequest('an expected revision is required');
  return typeof expected === 'bigint' ? toRevision(expected) : expected;
}
