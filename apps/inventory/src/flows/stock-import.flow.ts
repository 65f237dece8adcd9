import type { StockImportTypes } from '#contracts/stock-import/stock-import.kind.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';
import { leafKind, type SpreadCounts, type SpreadSource } from '#libs/core/flow/spread/spread.js';

/** A file whose lines were checked. */
export interface CheckedFile {
  /** Lines that are neither blank nor the header, and how many of them are no rows. */
  readonly counts: { readonly rows: number; readonly rejected: number };
  /** The rows, by item. */
  readonly source: SpreadSource;
  /** The lines that are no rows, with their reasons. */
  readonly rejects: BlobRef;
}

/** The calls of an import. A file that cannot be read at all is refused. */
export const stockImportCalls = {
  'check-stock-file': callPolicy<StockImportTypes['input'], CheckedFile>({ attemptTimeout: '30m' }),
};

/** Sends the command of each row. */
export const StockRows = leafKind<{ readonly hash: string }>('stock-rows');

/** How long rows with an unknown outcome may be retried. */
const RETRIED_FOR = '7d';
/** Rows with an unknown outcome beyond this share say that something is wrong with all. */
const TOLERANCE = 0.05;

/** Imports a file: checks all of its lines, and then sends the commands of its rows. */
export const importStock: FlowFunction<StockImportTypes, typeof stockImportCalls> = async (input, f) => {
  f.progress({ phase: 'checking', rows: 0, applied: 0, rejected: 0, failed: 0, left: 0 });
  const { counts, source, rejects } = await f.call('check-stock-file', input);
  const rowsOf = ({ done, rejected, failed, left }: SpreadCounts & { readonly left: number }) => {
    const { rows, rejected: noRows } = counts;
    return { rows, applied: done, rejected: noRows + rejected, failed, left };
  };
  const { manifest, ...end } = await f.spread(source, {
    leaf: StockRows,
    data: { hash: input.hash },
    tolerance: TOLERANCE,
    retryFor: RETRIED_FOR,
    report: ({ phase, manifest: results, ...progress }) =>
      f.progress({ phase, ...rowsOf(progress), rejects, ...(results && { results }) }),
  });
  return { ...rowsOf(end), rejects, ...(manifest && { results: manifest }) };
};
