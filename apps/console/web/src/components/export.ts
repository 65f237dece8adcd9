type Row = Readonly<Record<string, unknown>>;

/** Saves a text as a file. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Saves rows as JSON. */
export function saveJson(name: string, rows: readonly Row[]): void {
  saveText(`${name}.json`, 'application/json', `${JSON.stringify(rows, undefined, 2)}\n`);
}

/** Saves rows as CSV. */
export function saveCsv(name: string, rows: readonly Row[]): void {
  saveText(`${name}.csv`, 'text/csv', csvOf(rows));
}

/** Rows as CSV (RFC 4180), with a column for every field that any of them has. */
export function csvOf(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.map(cell).join(','), ...lines, ''].join('\r\n');
}

/** Every field that any row has, in the order in which they appear. */
export function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap(Object.keys))];
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A spreadsheet would run a text that starts like a formula.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
