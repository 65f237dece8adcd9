import { parse } from 'csv-parse/sync';
import { STOCK_COLUMNS } from '#contracts/stock-import/stock-row.js';
import { oneLine } from '#libs/core/one-line.js';
import { Fault, type Line } from './import-lines.js';

const NEEDED = ['sku', 'command', 'quantity'];
const LONGEST_NAME = 60;
const WHOLE_NUMBER = /^[+-]?\d{1,16}$/;

/** The columns of a CSV file, in their order, or why its first line does not name them. */
export function columnsOf({ text }: Line): readonly string[] | Fault {
  const columns = text instanceof Fault ? text : recordIn(text);
  if (columns instanceof Fault) return badHeader(columns.detail);
  const unknown = columns.find((name) => !(STOCK_COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) return badHeader(`there is no column ${oneLine(unknown, LONGEST_NAME)}`);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) return badHeader(`the column ${twice} occurs twice`);
  const missing = NEEDED.find((name) => !columns.includes(name));
  return missing === undefined ? columns : badHeader(`the column ${missing} is missing`);
}

function badHeader(detail: string): Fault {
  return new Fault('IMPORT.INVALID_HEADER', detail);
}

/** A line with what its fields say by their columns, or with its fault. */
export interface Fields {
  readonly number: number;
  readonly fields: Readonly<Record<string, unknown>> | Fault;
}

/** Reads lines as CSV (RFC 4180). A row is one line: no value may contain a line break. */
export function csvFields(columns: readonly string[], lines: readonly Line[]): readonly Fields[] {
  const texts = lines.flatMap(({ text }) => (text instanceof Fault ? [] : [text]));
  const together = recordsIn(texts.join('\n'));
  // A fault, or a quote that is left open, must not reach other lines.
  const areSound = !(together instanceof Fault) && together.length === texts.length;
  let read = 0;
  return lines.map(({ number, text }) => {
    if (text instanceof Fault) return { number, fields: text };
    const record = areSound ? together[read] : recordIn(text);
    read += 1;
    return { number, fields: fieldsOf(columns, record ?? []) };
  });
}

function fieldsOf(columns: readonly string[], record: readonly string[] | Fault): Fields['fields'] {
  if (record instanceof Fault) return record;
  if (record.length !== columns.length) {
    return malformed(`the line has ${record.length} values, and the header ${columns.length}`);
  }
  const given = columns.map((name, index): [string, string] => [name, record[index] ?? '']);
  return Object.fromEntries(given.filter(([, value]) => value !== '').map(valueOf));
}

/** In a spreadsheet, everything is text. */
function valueOf([name, value]: readonly [string, string]): [string, unknown] {
  return [name, name === 'quantity' && WHOLE_NUMBER.test(value) ? Number(value) : value];
}

function recordIn(line: string): readonly string[] | Fault {
  const records = recordsIn(line);
  if (records instanceof Fault) return records;
  return records.length === 1 && records[0] ? records[0] : malformed('the line is not one row');
}

function recordsIn(text: string): readonly (readonly string[])[] | Fault {
  try {
    return parse(text, { record_delimiter: '\n', relax_column_count: true, trim: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return malformed(reasons[codeOf(error)] ?? 'the line is not CSV');
  }
}

function codeOf(error: Error): string {
  return (error as Error & { readonly code?: string }).code ?? '';
}

/** The messages of the parser name lines and columns of what it was given, which is a part. */
const reasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed on the line',
  INVALID_OPENING_QUOTE: 'a quote stands within a value that has none at its start',
  CSV_INVALID_CLOSING_QUOTE: 'a closing quote is followed by something else than a comma',
};

function malformed(detail: string): Fault {
  return new Fault('ROW.MALFORMED', detail);
}
