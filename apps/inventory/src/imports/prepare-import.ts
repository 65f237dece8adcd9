import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import type { SpreadSource } from '#libs/core/flow/spread/spread.js';
import { writeItems } from '#libs/flow/leaves/spread-items.js';
import { Fault } from './import-lines.js';
import { type NumberedRow, RowBuckets } from './row-buckets.js';
import { Spool } from './spool.js';
import { type ImportFormat, stockRows } from './stock-rows.js';

/** A line that was not imported, and why. */
export interface Reject {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

/** A file whose lines were checked. */
export interface PreparedImport {
  /** Lines that are neither blank nor the header, and how many of them are no rows. */
  readonly counts: { readonly rows: number; readonly rejected: number };
  /** The rows, by item. */
  readonly source: SpreadSource;
  /** The lines that are no rows, as NDJSON of {@link Reject}, in their order. */
  readonly rejects: BlobRef;
}

/**
 * Checks every line of a file and stores its rows by item. The same file gives the same result.
 * Only a small part of the file is in memory. Throws `BadHeaderError`.
 */
export async function prepareImport(
  blobs: BlobStore,
  { file, format, owner }: { readonly file: BlobRef; readonly format: ImportFormat; readonly owner: string },
): Promise<PreparedImport> {
  const folder = await mkdtemp(join(tmpdir(), 'perdure-import-'));
  const buckets = await RowBuckets.open(folder, file.bytes);
  const rejects = await Spool.open<Reject>(join(folder, 'rejects'));
  const counts = { rows: 0, rejected: 0 };
  try {
    for await (const lines of stockRows(format, blobs.read(file))) {
      for (const { line, row } of lines) {
        counts.rows += 1;
        if (row instanceof Fault) {
          counts.rejected += 1;
          await rejects.add({ line, code: row.code, detail: row.detail });
        } else await buckets.add({ line, row });
      }
    }
    const source = await writeItems(blobs, owner, encoded(buckets.byItem()), Number.MAX_SAFE_INTEGER);
    const rejectsRef = await blobs.upload(owner, rejects.bytes(), Number.MAX_SAFE_INTEGER);
    return { counts, source, rejects: rejectsRef };
  } finally {
    await Promise.all([buckets.close(), rejects.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rows as the items of a spread. */
async function* encoded(rows: AsyncIterable<NumberedRow>): AsyncGenerator<Uint8Array> {
  for await (const row of rows) yield Buffer.from(JSON.stringify(row));
}

/** The row that is stored as an item of a spread. */
export function decodedRow(content: Uint8Array): NumberedRow {
  return JSON.parse(Buffer.from(content).toString()) as NumberedRow;
}
