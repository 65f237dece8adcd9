import { UnavailableError } from '#libs/core/problems.js';
import type { BlobRef } from './blob-store.js';

/** The store does not respond, or cannot read or write now. A retry may succeed. */
export class BlobStoreUnavailableError extends UnavailableError {
  override readonly name = 'BlobStoreUnavailableError';
  constructor(cause: unknown) {
    const { code, message, name } = cause as { code?: unknown; message?: unknown; name?: unknown };
    const reason = [code, message, name].find((one) => typeof one === 'string' && one !== '');
    super('blob-store', { message: `the blob store does not answer: ${String(reason)}`, cause });
  }
}

/** The store has no such blob. No retry helps. */
export class BlobMissingError extends Error {
  override readonly name = 'BlobMissingError';
  constructor({ owner, hash }: BlobRef) {
    super(`the blob ${hash} of ${owner} is missing`);
  }
}

/** What the store has under this hash is other content. No retry helps. */
export class BlobAlteredError extends Error {
  override readonly name = 'BlobAlteredError';
  constructor({ owner, hash }: BlobRef) {
    super(`the blob ${hash} of ${owner} was altered: its content has another hash or length`);
  }
}

/** The content is larger than its sender may upload. Nothing was kept. */
export class BlobTooLargeError extends Error {
  override readonly name = 'BlobTooLargeError';
  constructor(readonly limit: number) {
    super(`the content is larger than ${limit} bytes`);
  }
}
