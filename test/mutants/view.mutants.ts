import type { Mutant } from './mutant.js';

/** Bugs in read models. */
export const viewMutants: readonly Mutant[] = [
  {
    id: 'state-rewritten',
    bug: 'A view writes a large state anew for each change.',
    file: 'libs/read-model/stored-state.ts',
    replace: 'return isFull ? undefined : { from, json };',
    by: 'return isFull || json.length > 0 ? undefined : { from, json };',
    spec: 'libs/read-model/stored-state.spec.ts',
    test: 'what is written of a state is its change, when it is large',
  },
  {
    id: 'changes-without-bound',
    bug: 'The changes of a large state pile up.',
    file: 'libs/read-model/stored-state.ts',
    replace: 'MAX_CHANGES = 500',
    by: 'MAX_CHANGES = 5_000_000',
    spec: 'libs/read-model/stored-state.spec.ts',
    test: 'what is written of a state is all of it when it has 500 changes',
  },
  {
    id: 'shift-rewritten',
    bug: 'The change of a large array that lost one element is the whole array.',
    file: 'libs/read-model/state-change.ts',
    replace: 'MAX_SHIFT = 1_000',
    by: 'MAX_SHIFT = 0',
    spec: 'libs/read-model/state-change.spec.ts',
    test: 'the change of a list of thousands is small when it loses its first and gains last ones',
  },
  {
    id: 'text-unstorable',
    bug: 'A text that holds NUL parks its entity.',
    file: 'libs/read-model/storable.ts',
    replace: '/[\\0\\p{Cs}]/u',
    by: '/[\\p{Cs}]/u',
    spec: 'libs/read-model/storable.spec.ts',
    test: 'what PostgreSQL can hold of the text "a\\u0000b" is "a�b"',
  },
  {
    id: 'offset-before-row',
    bug: 'The offset of a batch is committed before its rows.',
    file: 'libs/read-model/projector.ts',
    replace: 'if (isApart) await this.folder.foldApart(client, events);',
    by: "await saveOffset(client, this.key, batch);\n      await client.query('COMMIT');\n      await client.query('BEGIN');\n      if (isApart) await this.folder.foldApart(client, events);",
    spec: 'test/integration/projector.spec.ts',
    test: 'lose nothing and repeat nothing when one is killed amid a transaction',
  },
  {
    id: 'list-without-index',
    bug: 'A list with a filter scans its table.',
    file: 'apps/inventory/src/read-model/reservations/migration.sql',
    replace: '(tenant, cart_id, sku, reservation_id)',
    by: '(tenant, quantity)',
    spec: 'test/integration/list-plans.spec.ts',
    test: '/v1/reservations finds a page by an index',
  },
];
