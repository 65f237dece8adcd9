import type { AnyDecider } from '#libs/core/decider.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per name. All categories share this table. */
const names = viewTable('used_names_v1', {
  key: ['stream', 'name'],
  owner: 'stream',
  row: { stream: 'id', name: 'id', revision: 'bigint' },
});

const tables = { names };

export const USED_NAMES_TABLE = `read_model.${names.name}`;

/** The names that the events of a category use up permanently, which are too many for a state. */
export function usedNamesView(decider: AnyDecider) {
  return defineView<null, PublishedEvent, typeof tables>({
    name: 'used-names',
    version: 1,
    category: decider.name,
    tables,
    scopes: { names: { column: 'stream', is: 'prefix', value: `${decider.name}-` } },
    isProof: true,
    initialState: null,
    project(state, { stream, revision, type, data }) {
      const used = decider.names?.({ type, data }) ?? [];
      return { state, rows: { names: used.map((name) => ({ stream, name, revision })) } };
    },
  });
}
