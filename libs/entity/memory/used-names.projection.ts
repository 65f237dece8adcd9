import type { AnyDecider } from '#libs/core/decider.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

const tables = {
  names: {
    name: 'used_names_v1',
    key: ['stream', 'name'],
    owner: 'stream',
    columns: { stream: 'text', name: 'text', revision: 'bigint' },
  },
} as const;

/** The table that all categories share. */
export const USED_NAMES_TABLE = `read_model.${tables.names.name}`;

/** The names that events of a category use up for ever: a row each, since a state cannot remember them all. */
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
      const names = decider.names?.({ type, data }) ?? [];
      return { state, rows: { names: names.map((name) => ({ stream, name, revision })) } };
    },
  });
}
