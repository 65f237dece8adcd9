import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import { BlobTooLargeError } from '#libs/blob/blob-store.errors.js';
import { uploadOwner } from '#libs/blob/upload-owner.js';
import { ProblemError, type ProblemKind } from '#libs/core/problem-error.js';
import { checkDigest } from './content-digest.js';
import { BadHeaderError, type ImportFormat, stockRows } from './stock-rows.js';

const NEWLINE = 0x0a;

/** The most that a file may have. */
export interface ImportLimits {
  readonly bytes: number;
  readonly lines: number;
}

export const IMPORT_LIMITS: ImportLimits = { bytes: 200_000_000, lines: 1_000_001 };

/** Problems of imports. docs/rejections.md lists them in this order. */
export const importProblems = {
  tooLarge: { code: 'IMPORT.TOO_LARGE', status: 413, title: 'The file has too many bytes or lines' },
  invalidHeader: {
    code: 'IMPORT.INVALID_HEADER',
    status: 422,
    title: 'The first line does not name the columns of a row',
  },
  reportGone: { code: 'IMPORT.REPORT_GONE', status: 410, title: 'The report is not kept any more' },
} as const satisfies Record<string, ProblemKind>;

/** A file as it arrives. */
export interface ArrivingFile {
  readonly format: ImportFormat;
  readonly content: AsyncIterable<Uint8Array>;
  /** The SHA-256 that its sender states, in hexadecimal digits. */
  readonly digest?: string | undefined;
}

/**
 * Stores a file as a blob with an owner of its own, which the caller removes when it is done. Keeps
 * nothing if it throws a problem, because the file is too large, is not the one that its sender has
 * stated, or has no rows that could be read.
 */
export async function storeUpload(
  blobs: BlobStore,
  { format, content, digest }: ArrivingFile,
  { bytes, lines }: ImportLimits = IMPORT_LIMITS,
): Promise<BlobRef> {
  const owner = uploadOwner();
  try {
    const ref = await blobs.upload(owner, limitLines(content, lines), bytes);
    checkDigest(digest, ref.hash);
    if (format === 'csv') await checkHeader(blobs, ref);
    return ref;
  } catch (error) {
    await blobs.remove(owner).catch(() => undefined);
    if (!(error instanceof BlobTooLargeError)) throw error;
    throw new ProblemError(importProblems.tooLarge, `a file may have ${bytes} bytes`);
  }
}

/** A last line may have no end. */
async function* limitLines(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let lines = 0;
  for await (const part of content) {
    for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) lines += 1;
    if (lines > most) throw new ProblemError(importProblems.tooLarge, `a file may have ${most} lines`);
    yield part;
  }
}

async function checkHeader(blobs: BlobStore, ref: BlobRef): Promise<void> {
  try {
    // Blank lines may come first.
    for await (const lines of stockRows('csv', blobs.read(ref))) if (lines.length > 0) return;
  } catch (error) {
    if (!(error instanceof BadHeaderError)) throw error;
    throw new ProblemError(importProblems.invalidHeader, error.fault.detail);
  }
}
