/** Prints a line on standard output. */
export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Reports a problem on standard error. The command continues, and ends with exit code 1. */
export function printTrouble(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

type Cell = string | number | undefined;

/** Prints rows under their headings, with columns as wide as needed and numbers right-aligned. */
export function printTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = [headings, ...rows].map((row) =>
    row.map((cell) => (cell === undefined ? '–' : String(cell))),
  );
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const isNumber = headings.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  for (const row of texts) {
    const cells = row.map((text, column) => {
      const width = widths[column] ?? 0;
      return isNumber[column] ? text.padStart(width) : text.padEnd(width);
    });
    printLine(cells.join('  ').trimEnd());
  }
}
