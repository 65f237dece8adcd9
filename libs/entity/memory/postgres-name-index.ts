import type { Pool } from 'pg';
import type { NameIndex } from '#libs/entity/activities/name-index.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { USED_NAMES_TABLE } from './used-names.projection.js';

/** The index that a view of {@link usedNamesView} keeps in PostgreSQL. */
export function createNameIndex(pool: Pool, view: AnyView): NameIndex {
  const key = viewKey(view);
  return {
    async find(stream, names) {
      // One statement, one snapshot: the names are at least as new as the revision.
      const { rows } = await pool.query<{ revision: string; used: string[] }>({
        name: 'find used names',
        text: `SELECT entity.revision, ARRAY(SELECT name FROM ${USED_NAMES_TABLE}
                                             WHERE stream = $2 AND name = ANY ($3)) AS used
               FROM read_model.entities entity WHERE entity.view = $1 AND entity.stream = $2`,
        values: [key, stream, names],
      });
      return { revision: Number(rows[0]?.revision ?? -1), used: rows[0]?.used ?? [] };
    },
  };
}
