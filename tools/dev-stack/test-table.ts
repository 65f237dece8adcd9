import type { Outcome } from './jest-run.js';

const SLOWEST = 10;

/** What `npm test` shows at its end: failures, the slowest files, and a row for each project. */
export function testTable(outcomes: readonly Outcome[], seconds: number): string {
  const files = outcomes.flatMap((outcome) => outcome.files).sort((a, b) => b.seconds - a.seconds);
  const slowest = files.slice(0, SLOWEST).map((file) => [file.path, file.seconds.toFixed(1)]);
  const rows = outcomes
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, passed, failed, ...of }) => {
      return [name, of.files.length, passed + failed, failed, Math.round(of.seconds)].map(String);
    });
  const total = (column: number) => String(rows.reduce((sum, row) => sum + Number(row[column]), 0));
  const last = ['all', total(1), total(2), total(3), String(seconds)];
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  return [
    ...(failures.length > 0 ? ['Failed:', ...failures.map((line) => `  ${line}`), ''] : []),
    ...columns([['slowest file', 'seconds'], ...slowest]),
    '',
    ...columns([['project', 'files', 'tests', 'failed', 'seconds'], ...rows, last]),
    '',
  ].join('\n');
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const cell = (text: string, index: number) =>
    index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0);
  return rows.map((row) => row.map(cell).join('  '));
}
