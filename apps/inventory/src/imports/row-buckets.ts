import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { StockRow } from '#contracts/stock-import/stock-row.js';
import { Spool } from './spool.js';

/** How much of a file a bucket is to hold. */
const BUCKET_BYTES = 1_000_000;
const MOST_BUCKETS = 128;
/** The most rows of one item that are in memory. */
const MOST_WAITING = 1_000;

/** A row with the number of its line. */
export interface NumberedRow {
  readonly line: number;
  readonly row: StockRow;
}

/**
 * Brings the rows of each item together, so that they can be sent in few messages. The rows of an
 * item share a bucket, which is a file: no more than a bucket is ever in memory.
 */
export class RowBuckets {
  private constructor(private readonly buckets: readonly Spool<NumberedRow>[]) {}

  /** For a file of this size. The buckets are kept in `folder`. */
  static async open(folder: string, bytes: number): Promise<RowBuckets> {
    const count = Math.min(MOST_BUCKETS, Math.ceil(bytes / BUCKET_BYTES) || 1);
    const paths = Array.from({ length: count }, (_, index) => join(folder, `bucket-${index}`));
    return new RowBuckets(await Promise.all(paths.map((path) => Spool.open<NumberedRow>(path))));
  }

  async add(row: NumberedRow): Promise<void> {
    const digest = createHash('sha256').update(row.row.sku).digest().readUInt32BE();
    await this.buckets[digest % this.buckets.length]?.add(row);
  }

  /** All rows by item, those of an item in the order of the file. */
  async *byItem(mostWaiting = MOST_WAITING): AsyncGenerator<NumberedRow> {
    for (const bucket of this.buckets) yield* together(bucket.values(), mostWaiting);
  }

  async close(): Promise<void> {
    await Promise.all(this.buckets.map((bucket) => bucket.close()));
  }
}

/** An item with very many rows comes in several portions. */
async function* together(rows: AsyncIterable<NumberedRow>, most: number): AsyncGenerator<NumberedRow> {
  const waiting = new Map<string, NumberedRow[]>();
  for await (const row of rows) {
    const { sku } = row.row;
    const portion = waiting.get(sku) ?? [];
    portion.push(row);
    if (portion.length < most) waiting.set(sku, portion);
    else {
      waiting.delete(sku);
      yield* portion;
    }
  }
  for (const portion of waiting.values()) yield* portion;
}
