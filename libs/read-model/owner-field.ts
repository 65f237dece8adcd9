import type { ViewTable } from '#libs/core/view-definition.js';

/** The field that names the owner of an entity, in a table with a row for each entity. */
export interface OwnerField {
  readonly table: ViewTable;
  readonly field: string;
}
