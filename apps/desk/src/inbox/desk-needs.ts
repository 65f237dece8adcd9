import type { Need } from '#contracts/overview.js';
import {
  MOST_NEEDS,
  type NeedSource,
  pageLink,
  subjectOf,
  tenantIn,
} from '#libs/operations/overview/need-source.js';
import { approvalsTable } from '../read-model/approvals/approvals.projection.js';
import { callbackMessagesTable } from '../read-model/callbacks/callbacks.projection.js';

interface FoundApproval {
  readonly tenant: string;
  readonly id: string;
  readonly subject: string;
  readonly deadline: Date;
  readonly requested_at: Date;
  readonly is_near: boolean;
}

/** Open approvals whose deadline is within a day; within an hour, they are urgent. */
export const approvalNeeds: NeedSource = async (scope) => {
  const { rows } = await scope.pool.query<FoundApproval>(
    `SELECT tenant, id, subject, deadline, requested_at, deadline < now() + interval '1 hour' AS is_near
     FROM read_model.${approvalsTable.name}
     WHERE status = 'open' AND deadline < now() + interval '1 day' AND ($1::text IS NULL OR tenant = $1)
     ORDER BY deadline, tenant, id LIMIT $2`,
    [tenantIn(scope), MOST_NEEDS],
  );
  return rows.map(({ tenant, id, subject, deadline, requested_at: since, is_near: isNear }): Need => ({
    kind: 'approval-due',
    severity: isNear ? 'now' : 'soon',
    title: `approval ${id} is due: ${subject}`,
    detail: `until ${deadline.toISOString()}`,
    since: since.toISOString(),
    service: scope.service,
    ...subjectOf(scope, 'approval', id, tenant),
    link: pageLink('/inbox', { id }),
  }));
};

interface FoundMessage {
  readonly tenant: string;
  readonly id: string;
  readonly n: string;
  readonly provider: string;
  readonly refusal: string | null;
  readonly received_at: Date;
}

/** Messages of providers that nobody has taken for five minutes. */
export const callbackNeeds: NeedSource = async (scope) => {
  const { rows } = await scope.pool.query<FoundMessage>(
    `SELECT tenant, id, n, provider, refusal, received_at FROM read_model.${callbackMessagesTable.name}
     WHERE status = 'unclaimed' AND received_at < now() - interval '5 minutes'
       AND ($1::text IS NULL OR tenant = $1)
     ORDER BY received_at, tenant, id, n LIMIT $2`,
    [tenantIn(scope), MOST_NEEDS],
  );
  return rows.map(({ tenant, id, n, provider, refusal, received_at: since }): Need => ({
    kind: 'unclaimed-callback',
    severity: 'soon',
    title: `message ${n} of ${provider} at ${id} is unclaimed`,
    ...(refusal !== null && { detail: `refused last with ${refusal}` }),
    since: since.toISOString(),
    service: scope.service,
    ...subjectOf(scope, 'callback', id, tenant),
    link: pageLink('/operations/callbacks', { key: id }),
  }));
};
