import { z } from 'zod';
import { code, entityId, recordedAt, starter, tenant } from '#contracts/fields.js';
import { flowStatus } from '#contracts/flow/flow.contract.js';
import { notPersonal } from '#contracts/personal-data.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { evolveFlow } from '#libs/core/flow/flow.evolve.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { firstWaitOf, type FlowState, notStartedFlow } from '#libs/core/flow/flow.state.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per flow. All types of flows share this table. */
export const flowsTable = viewTable('flows_v2', {
  key: ['tenant', 'type', 'id'],
  owner: 'id',
  category: 'type',
  indexes: [
    'btree (status, tenant, type, id)',
    'btree (type, tenant, id)',
    'btree (tenant, type, id) WHERE is_stuck',
    'btree (tenant, started_by, type, id)',
    `btree (type, GREATEST(started_at, woken_at)) WHERE (status = ANY (ARRAY['running'::text, 'cancelling'::text]))`,
  ],
  fillfactor: 80,
  // When the flow was woken because Temporal was emptied (see `orphanedFlows`).
  otherColumns: [`woken_at timestamptz NOT NULL DEFAULT '-infinity'`],
  description: 'A flow as the read model shows it, up to `revision`',
  row: {
    tenant: shown('id', tenant),
    type: shown('id', notPersonal(z.string()).meta({ examples: ['cardPayment'] })),
    id: shown('id', entityId),
    status: shown('text', flowStatus),
    isStuck: shown(
      'boolean',
      z.boolean().meta({ description: 'Whether a compensation failed and waits for an operator' }),
    ),
    waitsFor: shown(
      'text?',
      notPersonal(z.string()).optional().meta({
        description: 'What it waits for, such as `sleep settle`; of several, the one that ends first',
      }),
    ),
    waitUntil: shown('timestamptz?', recordedAt.optional()),
    failure: shown('text?', code.optional().meta({ description: 'The code with which it failed' })),
    revision: shown('bigint', z.int().min(0)),
    startedBy: shown('text?', starter.optional()),
    startedAt: shown('timestamptz', recordedAt),
    endedAt: shown('timestamptz?', recordedAt.optional()),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

const tables = { flows: flowsTable };

/** The flows of one type. */
export function flowsView(type: string) {
  return defineView<FlowState, FlowEvent, typeof tables>({
    name: 'flows',
    version: 2,
    category: type,
    tables,
    scopes: { flows: { column: 'type', is: 'equal', value: type } },
    initialState: notStartedFlow,
    project(before, event) {
      const state = withoutContent(evolveFlow(before, event));
      const { status, startedBy, startedAt, endedAt, failure, stuck } = state;
      if (status === undefined || startedAt === undefined) return { state, rows: {} };
      const next = firstWaitOf(state);
      const row = {
        tenant: event.tenant,
        type,
        id: event.entityId,
        status,
        isStuck: stuck.length > 0,
        waitsFor: next && `${next.kind} ${next.name}`,
        waitUntil: next?.until,
        failure: failure?.code,
        revision: event.revision,
        startedBy,
        startedAt,
        endedAt,
        updatedAt: event.at,
      };
      return { state, rows: { flows: [row] } };
    },
  });
}

/** The state without what no row shows, which can be large. */
function withoutContent(state: FlowState): FlowState {
  const { input: _, progress: __, result: ___, ...shown } = state;
  return { ...shown, timers: {} };
}
