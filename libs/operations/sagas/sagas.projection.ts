import { defineView } from '#libs/core/view-definition.js';
import { evolveSaga } from '#libs/core/saga/saga.evolve.js';
import type { SagaEvent } from '#libs/core/saga/saga.messages.js';
import { notStarted, type SagaState, waitsSince } from '#libs/core/saga/saga.state.js';

const tables = {
  sagas: {
    name: 'sagas_v2',
    key: ['saga', 'tenant', 'id'],
    owner: 'id',
    indexes: ['btree (saga, tenant, id) WHERE is_stuck'],
    columns: {
      saga: 'text',
      tenant: 'text',
      id: 'text',
      status: 'text',
      is_stuck: 'boolean',
      stuck_steps: 'text',
      stuck_since: 'timestamptz?',
      cause: 'text?',
      revision: 'bigint',
      started_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
  },
} as const;

/** The table that all sagas share. */
export const SAGAS_TABLE = `read_model.${tables.sagas.name}`;

/** The list of the sagas of one kind, a row each. */
export function sagasView(saga: string, plural: string) {
  return defineView<SagaState, SagaEvent, typeof tables>({
    name: plural,
    version: 2,
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
        is_stuck: stuck.length > 0,
        stuck_steps: stuck.map(({ name }) => name).join(' '),
        stuck_since: stuck.flatMap((step) => waitsSince(step) ?? []).sort()[0] ?? null,
        cause: cause?.code ?? null,
        revision: event.revision,
        started_at: startedAt,
        updated_at: event.at,
      };
      return { state, rows: { sagas: [row] } };
    },
  });
}
