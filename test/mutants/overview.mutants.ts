import type { Mutant } from './mutant.js';

const spec = 'libs/operations/overview/overview.spec.ts';

/** Bugs in the overview. */
export const overviewMutants: readonly Mutant[] = [
  {
    id: 'overview-of-all-tenants',
    bug: 'Everybody sees the needs of all tenants.',
    file: 'libs/operations/overview/process-needs.ts',
    replace: 'return scope.isOfAllTenants || tenant === scope.own ?',
    by: 'return tenant !== undefined ?',
    spec,
    test: 'entities that are parked, to operators those of all tenants',
  },
  {
    id: 'overview-all-or-nothing',
    bug: 'If one source of the overview fails, there is none.',
    file: 'libs/operations/overview/overview.ts',
    replace: "missing.push({ source: name, reason: 'does not answer' });\n      return [];",
    by: 'throw error;',
    spec,
    test: 'what it cannot tell, and tells the rest',
  },
  {
    id: 'overview-away-unnoticed',
    bug: 'A service that does not answer needs nobody.',
    file: 'libs/operations/overview/merged-overview.ts',
    replace: 'needs: inOrder([...needs, ...',
    by: 'needs: inOrder([...',
    spec,
    test: 'the overview of all services adds those that are away',
  },
];
