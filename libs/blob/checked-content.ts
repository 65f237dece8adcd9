import { createHash } from 'node:crypto';
import { BlobAlteredError, BlobMissingError, BlobTooLargeError } from './blob-store.errors.js';
import type { BlobRef } from './blob-store.js';

const HASH = /^[0-9a-f]{64}$/;

/** The reference of a content. */
export function refOf(owner: string, content: Uint8Array): BlobRef {
  return {
    owner,
    hash: createHash('sha256').update(content).digest('hex'),
    bytes: content.byteLength,
  };
}

/** Throws `BlobMissingError` unless the hash is one, as only a hash may become part of a path. */
export function checkRef(ref: BlobRef): void {
  if (!HASH.test(ref.hash)) throw new BlobMissingError(ref);
}

/** Throws `BlobAlteredError` unless this is the content. */
export function checkContent(ref: BlobRef, content: Uint8Array): void {
  if (refOf(ref.owner, content).hash !== ref.hash || content.byteLength !== ref.bytes)
    throw new BlobAlteredError(ref);
}

/** Passes a content on, and knows its reference once all of it has passed. */
export class Measured {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(
    private readonly owner: string,
    private readonly limit = Infinity,
  ) {}

  /** Throws `BlobTooLargeError` instead of passing on what is beyond the limit. */
  async *pass(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.bytes += chunk.byteLength;
      if (this.bytes > this.limit) throw new BlobTooLargeError(this.limit);
      this.hash.update(chunk);
      yield chunk;
    }
  }

  /** Call it once, at the end. */
  ref(): BlobRef {
    return { owner: this.owner, hash: this.hash.digest('hex'), bytes: this.bytes };
  }
}

/** Passes the content of a blob on. Throws `BlobAlteredError` at its end if it is another one. */
export async function* verified(
  ref: BlobRef,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const measured = new Measured(ref.owner);
  yield* measured.pass(content);
  const { hash, bytes } = measured.ref();
  if (hash !== ref.hash || bytes !== ref.bytes) throw new BlobAlteredError(ref);
}
