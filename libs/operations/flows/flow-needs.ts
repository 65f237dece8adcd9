import type { Need } from '#contracts/overview.js';
import { MOST_NEEDS, type NeedSource, subjectOf, tenantIn } from '../overview/need-source.js';
import { flowsTable } from './flows.projection.js';

interface Found {
  readonly tenant: string;
  readonly id: string;
  readonly status: string;
  readonly updated_at: Date;
}

/** Flows of one type that are lost, or whose compensation has failed. */
export function flowNeeds(type: string): NeedSource {
  return async (scope) => {
    const part = (condition: string) =>
      `(SELECT tenant, id, status, updated_at FROM read_model.${flowsTable.name}
        WHERE type = $1 AND ${condition} AND ($2::text IS NULL OR tenant = $2) LIMIT $3)`;
    const { rows } = await scope.pool.query<Found>(
      `${part('is_stuck')} UNION ${part(`status = 'lost'`)} LIMIT $3`,
      [type, tenantIn(scope), MOST_NEEDS],
    );
    return rows.map(({ tenant, id, status, updated_at: since }): Need => {
      const isLost = status === 'lost';
      return {
        kind: isLost ? 'lost-flow' : 'stuck-saga',
        severity: 'now',
        title: isLost ? `${type} ${id} is lost` : `${type} ${id} is stuck: a compensation has failed`,
        ...(isLost && { detail: 'Its execution is gone: restart or cancel it' }),
        since: since.toISOString(),
        service: scope.service,
        ...subjectOf(scope, type, id, tenant),
      };
    });
  };
}
