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
  {
    id: 'relay-runs-in-memory',
    bug: 'A relay whose worker was paused is shown as running, as it last said.',
    file: 'libs/operations/relays/relay-standing.ts',
    replace: 'Number(state) === STARTED && ',
    by: '',
    spec: 'libs/operations/relays/relay-standing.spec.ts',
    test: 'a relay waits while no worker runs it, whatever the last one said',
  },
  {
    id: 'overview-acknowledged-for-good',
    bug: 'Once the failures of a process were acknowledged, no later one is shown.',
    file: 'libs/operations/overview/process-needs.ts',
    replace: 'lastFailure.at <= acknowledgedAt',
    by: "acknowledgedAt !== ''",
    spec,
    test: 'no failures that an operator has seen, but a worker that is still down',
  },
  {
    id: 'overview-drift-by-anybody',
    bug: 'What one process has found is not settled by the doctor of another.',
    file: 'libs/operations/overview/process-needs.ts',
    replace: 'latest(processes.flatMap(({ proven = [] }) => proven))',
    by: 'latest([])',
    spec,
    test: 'no drift of an entity that the doctor has proven since, but that of its topic',
  },
  {
    id: 'overview-effects-first',
    bug: 'What follows from a server that is away stands above it.',
    file: 'libs/contracts/overview.ts',
    replace: "kind === 'server-away' ? 0 : 1",
    by: "kind === 'server-away' ? 1 : 1",
    spec,
    test: 'of what is as urgent, servers that are away come first: the rest may follow from them',
  },
];
