import { createHash } from 'node:crypto';

/**
 * Long tests that take turns: `npm test` runs one of each group, chosen by the seed. All run in
 * `npm run test:long`, and whenever a test is named. No group holds all files of a project, because
 * jest fails if it finds none.
 */
export const TURNS: readonly (readonly string[])[] = [
  ['test/chaos/crash-points.spec.ts', 'test/chaos/ten-thousand.spec.ts'],
  ['test/e2e/kill-anything.spec.ts', 'test/e2e/engines-away.spec.ts', 'test/e2e/checkout-kills.spec.ts'],
  [
    'test/e2e/flow-kills.spec.ts',
    'test/e2e/desk-kills.spec.ts',
    'test/e2e/provider-kills.spec.ts',
    'test/e2e/temporal-emptied.spec.ts',
  ],
  [
    'test/e2e/console.spec.ts',
    'test/e2e/console-operations.spec.ts',
    'test/e2e/console-faults.spec.ts',
    'test/e2e/console-verbs.spec.ts',
  ],
  ['test/e2e/tenants-and-owners.spec.ts', 'test/e2e/lost-entity.spec.ts'],
  ['test/e2e/feeds.spec.ts', 'test/e2e/demo.spec.ts', 'test/e2e/client-package.spec.ts'],
  ['test/e2e/interest.spec.ts', 'test/e2e/schedules.spec.ts'],
  ['test/e2e/checkout-by-card.spec.ts', 'test/e2e/fulfilment.spec.ts', 'test/e2e/callbacks.spec.ts'],
  ['test/e2e/saga-operations.spec.ts', 'test/e2e/approval-limits.spec.ts'],
  ['test/e2e/openapi-fuzz.spec.ts', 'test/e2e/http-bad-input.spec.ts'],
  ['test/e2e/tracing.spec.ts', 'test/e2e/relays.spec.ts', 'test/e2e/access-tokens.spec.ts'],
  ['test/e2e/state-proof.spec.ts', 'test/e2e/kafka-commands.spec.ts', 'test/e2e/canaries.spec.ts'],
  ['test/integration/dev-stack.spec.ts', 'examples/examples.spec.ts'],
  ['test/integration/relay.spec.ts', 'test/integration/relay-supervised.spec.ts'],
  ['test/integration/relay-checkpoint.spec.ts', 'test/integration/rest.spec.ts'],
  ['test/integration/paused-workers.spec.ts', 'test/integration/stuck-worker.spec.ts'],
  ['test/integration/portions.spec.ts', 'test/integration/orphaned-flows.spec.ts'],
  ['test/integration/spread.spec.ts', 'test/integration/spread-kills.spec.ts'],
  [
    'test/integration/table-locks.spec.ts',
    'test/integration/slow-views.spec.ts',
    'test/integration/list-plans.spec.ts',
    'test/integration/rebuild.spec.ts',
    'test/integration/relay-states.spec.ts',
  ],
  ['test/integration/read-your-writes.spec.ts', 'test/integration/entity-index.spec.ts'],
  ['test/integration/foreign-records.spec.ts', 'test/integration/parking.spec.ts'],
  ['test/store/outages.spec.ts', 'test/store/erasing.spec.ts', 'test/store/adapter.spec.ts'],
  ['test/store/process.spec.ts', 'test/store/memory.spec.ts', 'test/store/wire-faults.spec.ts'],
  ['test/workflow/worker-away.spec.ts', 'test/workflow/old-keys.spec.ts'],
  ['test/workflow/flows/deployments.spec.ts', 'test/workflow/flows/versions.spec.ts'],
  ['test/workflow/flows/large-payloads.spec.ts', 'test/workflow/long-streams.spec.ts'],
  ['test/workflow/flows/lost-flows.spec.ts', 'test/workflow/flows/restarts.spec.ts'],
  ['test/workflow/flows/cart-reminder.spec.ts', 'examples/05-a-flow/loan.spec.ts'],
  ['test/workflow/inner-door.spec.ts', 'test/workflow/interleavings.spec.ts'],
  [
    'test/workflow/reset-in-temporal.spec.ts',
    'test/workflow/flows/failures.spec.ts',
    'test/workflow/sagas/saga-faults.spec.ts',
  ],
];

/** The files that wait for another run, which has another seed. */
export function waitingFiles(seed: string): readonly string[] {
  return TURNS.flatMap((group) => {
    const chosen = numberFor(`${seed} ${group[0]}`, group.length);
    return group.filter((_, place) => place !== chosen);
  });
}

/** A number below `count`, drawn from a text. */
export function numberFor(text: string, count: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE() % count;
}

/** The arguments with which jest leaves them out; none in a long run. */
export function turnsFor(seed: string): readonly string[] {
  if (process.env['TEST_DEPTH'] === 'long') return [];
  const pattern = waitingFiles(seed)
    .map((file) => file.replaceAll('.', String.raw`\.`))
    .join('|');
  return ['--testPathIgnorePatterns', `/(${pattern})$`];
}
