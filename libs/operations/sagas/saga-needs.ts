import type { Need } from '#contracts/overview.js';
import { MOST_NEEDS, type NeedSource, subjectOf, tenantIn } from '../overview/need-source.js';
import { sagasTable } from './sagas.projection.js';

interface Found {
  readonly tenant: string;
  readonly id: string;
  readonly stuck_steps: string;
  readonly cause: string | null;
  readonly stuck_since: Date | null;
}

/** Sagas of one kind with steps that wait for somebody. */
export function sagaNeeds(saga: string): NeedSource {
  return async (scope) => {
    const { rows } = await scope.pool.query<Found>(
      `SELECT tenant, id, stuck_steps, cause, stuck_since FROM read_model.${sagasTable.name}
       WHERE saga = $1 AND is_stuck AND ($2::text IS NULL OR tenant = $2) ORDER BY tenant, id LIMIT $3`,
      [saga, tenantIn(scope), MOST_NEEDS],
    );
    return rows.map(({ tenant, id, stuck_steps: steps, cause, stuck_since: since }): Need => ({
      kind: 'stuck-saga',
      severity: 'now',
      title: `${saga} ${id} is stuck at ${steps.split(' ').join(', ')}`,
      ...(cause !== null && { detail: cause }),
      ...(since && { since: since.toISOString() }),
      service: scope.service,
      ...subjectOf(scope, saga, id, tenant),
    }));
  };
}
