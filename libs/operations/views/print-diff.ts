import { printLine, printTable } from '../cli/print.js';

interface Row {
  readonly [column: string]: unknown;
}

/** Differences between the serving view and the rebuilt one. */
export interface ViewDiff {
  readonly moving: { readonly ahead: number; readonly behind: number };
  readonly tables: readonly {
    readonly table: string;
    readonly equal: number;
    readonly changed: number;
    readonly missing: number;
    readonly extra: number;
    readonly samples: readonly { readonly live?: Row; readonly next?: Row }[];
  }[];
}

/** Prints the report: counts for each table, then the sample rows. */
export function printDiff({ moving, tables }: ViewDiff): void {
  printTable(
    ['table', 'equal', 'changed', 'missing', 'extra'],
    tables.map(({ table, equal, changed, missing, extra }) => [table, equal, changed, missing, extra]),
  );
  for (const { table, samples } of tables) {
    for (const { live, next } of samples) {
      printLine(`\n${table}`);
      printLine(`  serves  ${live ? JSON.stringify(live) : 'no such row'}`);
      printLine(`  rebuilt ${next ? JSON.stringify(next) : 'no such row'}`);
    }
  }
  const { ahead, behind } = moving;
  if (ahead + behind > 0) {
    printLine(
      `\n${ahead + behind} entities were in progress (${behind} behind): their rows may differ for that reason alone.`,
    );
  }
  printLine();
}
