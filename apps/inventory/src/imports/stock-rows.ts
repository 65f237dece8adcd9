import { type StockRow, stockRow } from '#contracts/stock-import/stock-row.js';
import { parseStrictJson } from '#libs/api/http/strict-json.js';
import { oneLine } from '#libs/core/one-line.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { columnsOf, csvFields, type Fields } from './csv-lines.js';
import { Fault, type Line, linesOf } from './import-lines.js';

const LONGEST_DETAIL = 200;

/** How a file is written. */
export type ImportFormat = 'csv' | 'ndjson';

/** A row of a file, or why a line is none, with the number of the line. */
export interface ReadLine {
  readonly line: number;
  readonly row: StockRow | Fault;
}

/**
 * Reads the rows of a file, a batch at a time. A bad line never stops the others. Throws
 * `BadHeaderError` if the first line of a CSV file does not name its columns.
 */
export async function* stockRows(
  format: ImportFormat,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ReadLine[]> {
  let fieldsIn = format === 'csv' ? undefined : jsonFields;
  for await (const lines of linesOf(content)) {
    const [header, ...rest] = lines;
    if (!header) continue;
    if (fieldsIn) yield fieldsIn(lines).map(toRow);
    else {
      const columns = columnsOf(header);
      if (columns instanceof Fault) throw new BadHeaderError(columns);
      fieldsIn = (of) => csvFields(columns, of);
      yield fieldsIn(rest).map(toRow);
    }
  }
  if (!fieldsIn) throw new BadHeaderError(new Fault('IMPORT.INVALID_HEADER', 'the file is empty'));
}

/** The first line of a CSV file does not name its columns. */
export class BadHeaderError extends Error {
  override readonly name = 'BadHeaderError';
  constructor(readonly fault: Fault) {
    super(fault.detail);
  }
}

function jsonFields(lines: readonly Line[]): readonly Fields[] {
  return lines.map(({ number, text }) => ({ number, fields: text instanceof Fault ? text : objectIn(text) }));
}

function objectIn(text: string): Fields['fields'] {
  try {
    const value = parseStrictJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    return new Fault('ROW.MALFORMED', 'the line is not a JSON object');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return new Fault('ROW.MALFORMED', error.detail);
  }
}

function toRow({ number: line, fields }: Fields): ReadLine {
  if (fields instanceof Fault) return { line, row: fields };
  const result = stockRow.safeParse(fields);
  if (result.success) return { line, row: result.data };
  const [issue] = result.error.issues;
  return { line, row: new Fault('ROW.INVALID', oneLine(inWords(issue), LONGEST_DETAIL)) };
}

function inWords(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined) {
  if (!issue) return 'is not a row';
  if ('keys' in issue && Array.isArray(issue.keys)) return `${String(issue.keys[0])}: does not belong here`;
  return `${issue.path.map(String).join('/')}: ${issue.message}`;
}
