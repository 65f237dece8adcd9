import { isDeepStrictEqual } from 'node:util';
import { groupBy, type RowFact, type ViewLook } from './facts.js';

/** I6, once quiet: the rows of a view are the fold of the streams, row by row. */
export function checkRows(found: readonly RowFact[], expected: readonly RowFact[]): string[] {
  const rows = new Map(found.map((fact) => [`${fact.table} ${fact.key}`, fact]));
  const violations: string[] = [];
  for (const { table, key, row } of expected) {
    const name = `${table} ${key}`;
    const shown = rows.get(name);
    rows.delete(name);
    if (!shown) violations.push(`${name} is missing`);
    else if (!isDeepStrictEqual(shown.row, row)) violations.push(`${name} ${difference(shown.row, row)}`);
  }
  return [...violations, ...[...rows.keys()].map((name) => `${name} follows from no stream`)];
}

/** I6, at all times: the revision of an entity in a view never decreases. */
export function checkViewsOnlyAdvance(looks: readonly ViewLook[]): string[] {
  return [...groupBy(looks, ({ view, stream }) => `${stream} in ${view}`)].flatMap(([name, own]) => {
    let highest = -1;
    return own.flatMap(({ revision }) => {
      const before = highest;
      highest = Math.max(highest, revision);
      return revision < before ? [`${name} went back from revision ${before} to ${revision}`] : [];
    });
  });
}

function difference(found: RowFact['row'], expected: RowFact['row']): string {
  const columns = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  return columns
    .filter((column) => !isDeepStrictEqual(found[column], expected[column]))
    .map(
      (column) => `shows ${column} ${JSON.stringify(found[column])} for ${JSON.stringify(expected[column])}`,
    )
    .join(', ');
}
