import type { BlobRef } from '#libs/core/blob-ref.js';

export type { BlobRef };

/** Bytes of a blob: from `from`, up to but without `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** An owner of blobs, and when the newest of them was written. */
export interface BlobOwner {
  readonly owner: string;
  readonly newestAt: Date;
}

/**
 * Keeps content that is too large for messages. A blob never changes: the same content of the same
 * owner is the same blob. Nothing can be read before all of it is stored.
 *
 * All throw `BlobStoreUnavailableError` if the store does not do it now; a retry may succeed.
 */
export interface BlobStore {
  /** Idempotent: the same content gives the same reference, and counts as written now. */
  put(owner: string, content: Uint8Array): Promise<BlobRef>;
  /** Streams. Throws `BlobTooLargeError` beyond `limit` bytes. Keeps nothing if it throws. */
  upload(owner: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<BlobRef>;
  /**
   * The content, verified. Throws `BlobMissingError`, or `BlobAlteredError` if what is stored has
   * another hash or length.
   */
  get(ref: BlobRef): Promise<Uint8Array>;
  /**
   * Streams the content, and throws as `get` does: `BlobAlteredError` at its end at the latest. A
   * range is not verified.
   */
  read(ref: BlobRef, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** All owners, in any order. One that is written to or removed meanwhile may be left out. */
  owners(): AsyncIterable<BlobOwner>;
  /** Removes all blobs of an owner, if it has any. */
  remove(owner: string): Promise<void>;
}
