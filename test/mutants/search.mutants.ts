import type { Mutant } from './mutant.js';

const spec = 'test/integration/search.spec.ts';

/** Bugs in the search. */
export const searchMutants: readonly Mutant[] = [
  {
    id: 'search-others',
    bug: 'A caller finds what belongs to others.',
    file: 'libs/api/search/entity-hits.ts',
    replace: "const shown = extent === 'full' || ",
    by: "const shown = extent !== 'owner' || ids.length > 0 || ",
    spec,
    test: 'a caller finds of what belongs to others nothing, and its own by the whole id',
  },
  {
    id: 'search-commands-of-tenants',
    bug: 'A command is found from another tenant.',
    file: 'libs/api/search/command-hits.ts',
    replace: 'entity && tenant === caller.tenant ?',
    by: 'entity && tenant !== undefined ?',
    spec,
    test: 'a caller finds nothing of another tenant',
  },
  {
    id: 'search-all-or-nothing',
    bug: 'If one source of the search fails, nothing is found.',
    file: 'libs/api/search/search.ts',
    replace: "return { hits: [], missing: [{ source, reason: 'does not answer' }] };",
    by: 'throw error;',
    spec,
    test: 'what cannot be asked is named, and the rest is answered',
  },
];
