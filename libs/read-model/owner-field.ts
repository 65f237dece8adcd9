import type { Party } from '#libs/core/party.js';
import type { ViewTable } from '#libs/core/view-definition.js';

/** The field that names the owner of an entity, in a table with a row for each entity. */
export interface OwnerField {
  readonly table: ViewTable;
  readonly field: string;
  /**
   * `parties`: the table has a row for each of several owners, named `user:<id>` or `role:<role>`.
   * If absent, the field is the id of the only owner.
   */
  readonly names?: 'parties';
}

/** The names of a caller in such a field. */
export function namesOf({ names }: OwnerField, { id, roles }: Party): readonly string[] {
  return names === 'parties' ? [`user:${id}`, ...roles.map((role) => `role:${role}`)] : [id];
}
