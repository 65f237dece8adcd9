import { z } from 'zod';
import { code, entityId, recordedAt, starter, tenant } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';
import { sagaStatus } from '#contracts/saga/saga.contract.js';
import { derived, hidden, shown, viewTable } from '#contracts/view-table.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { evolveSaga } from '#libs/core/saga/saga.evolve.js';
import type { SagaEvent } from '#libs/core/saga/saga.messages.js';
import { notStarted, type SagaState, waitsSince } from '#libs/core/saga/saga.state.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per saga. All kinds of sagas share this table. */
export const sagasTable = viewTable('sagas_v3', {
  key: ['saga', 'tenant', 'id'],
  owner: 'id',
  category: 'saga',
  indexes: [
    // Those under way, by the time of their last step: for the reaper.
    `btree (saga, updated_at) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))`,
    'btree (saga, status, tenant, id)',
    'btree (saga, tenant, owner, id)',
    'btree (saga, tenant, id) WHERE is_stuck',
  ],
  fillfactor: 80,
  description: 'A saga as the read model shows it, up to `revision`',
  row: {
    saga: 'id',
    tenant: shown('id', tenant),
    id: shown('id', entityId),
    status: shown('text', sagaStatus),
    isStuck: 'boolean',
    stuckNames: hidden('text', 'stuck_steps'),
    stuckSteps: derived(
      z.array(notPersonal(z.string())).meta({
        description:
          'Steps that wait for somebody to see to them: stuck, overdue, or done after they were given up',
      }),
      ({ stuckNames }: { stuckNames: string }) => stuckNames.split(' ').filter(Boolean),
    ),
    stuckSince: shown(
      'timestamptz?',
      recordedAt.optional().meta({ description: 'Since when the first of these waits' }),
    ),
    owner: shown('text?', starter.optional().meta({ description: 'The caller that it belongs to' })),
    cause: shown('text?', code.optional().meta({ description: 'The code for which it is undone' })),
    revision: shown('bigint', z.int().min(0)),
    startedAt: shown('timestamptz', recordedAt),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

const tables = { sagas: sagasTable };

/** The sagas of one kind, and whose each is. */
export function sagasView(saga: string, plural: string, ownerOf: AnyDecider['owner']) {
  return defineView<SagaState, SagaEvent, typeof tables>({
    name: plural,
    version: 3,
    category: saga,
    tables,
    scopes: { sagas: { column: 'saga', is: 'equal', value: saga } },
    initialState: notStarted,
    project(before, event) {
      const state = evolveSaga(before, event);
      const { status, cause, startedAt, steps } = state;
      if (status === undefined || startedAt === undefined) return { state, rows: {} };
      const stuck = steps.filter((step) => waitsSince(step) !== undefined);
      const row = {
        saga,
        tenant: event.tenant,
        id: event.entityId,
        status,
        isStuck: stuck.length > 0,
        stuckNames: stuck.map(({ name }) => name).join(' '),
        stuckSince: stuck.flatMap((step) => waitsSince(step) ?? []).sort()[0],
        owner: ownerOf?.(state),
        cause: cause?.code,
        revision: event.revision,
        startedAt,
        updatedAt: event.at,
      };
      return { state, rows: { sagas: [row] } };
    },
  });
}
