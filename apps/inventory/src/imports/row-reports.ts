import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import { jsonLines } from '#libs/runtime/json-lines.js';
import { outcomesIn } from '#libs/flow/leaves/read-manifest.js';
import type { Reject } from './prepare-import.js';
import type { RowReport } from './stock-import.schemas.js';

/** Where the outcomes of an import are. */
interface Outcomes {
  readonly rejects?: BlobRef | undefined;
  readonly results?: BlobRef | undefined;
}

/** The columns of a report as CSV. */
const REPORT_COLUMNS = ['line', 'sku', 'outcome', 'code', 'detail', 'commandId', 'revision'] as const;

/** All rows that were not applied: first the lines that are no rows. */
export async function* rejectsOf(blobs: BlobStore, of: Outcomes): AsyncGenerator<RowReport> {
  if (of.rejects) {
    for await (const reject of jsonLines<Reject>(blobs.read(of.rejects)))
      yield { ...reject, outcome: 'rejected' };
  }
  for await (const row of resultsOf(blobs, of)) if (row.outcome !== 'applied') yield row;
}

/** All rows that were sent, by item. */
export async function* resultsOf(blobs: BlobStore, { results }: Outcomes): AsyncGenerator<RowReport> {
  if (!results) return;
  for await (const line of outcomesIn(blobs, results)) {
    // Each row has a record.
    if (!('item' in line) || !line.record) continue;
    const { outcome, code, detail, record } = line;
    const row = record as Pick<RowReport, 'line' | 'sku'>;
    yield {
      ...row,
      outcome: outcome === 'done' ? 'applied' : outcome,
      ...(code !== undefined && { code }),
      ...(detail !== undefined && { detail }),
    };
  }
}

/** A report as lines of text, in the order of the columns. */
export async function* asText(
  rows: AsyncIterable<RowReport>,
  format: 'csv' | 'ndjson',
): AsyncGenerator<string> {
  if (format === 'csv') yield `${REPORT_COLUMNS.join(',')}\r\n`;
  for await (const row of rows) {
    yield format === 'ndjson'
      ? `${JSON.stringify(row)}\n`
      : `${REPORT_COLUMNS.map((column) => quoted(row[column])).join(',')}\r\n`;
  }
}

/** A value as RFC 4180 asks for. */
function quoted(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
