import type { AnyView, ViewTable } from '#libs/core/view-definition.js';

/** The tables of a view. */
export function tablesOf({ tables }: AnyView): readonly ViewTable[] {
  return Object.values(tables as Record<string, ViewTable>);
}
