import { candidate as candidateField } from '#contracts/approval/approval.fields.js';
import { timestamp } from '#contracts/fields.js';
import { defineList } from '#libs/api/entities/read-route.js';
import { approvalsTable, approvalsView, partiesTable } from './approvals.projection.js';

export const approvalList = defineList({
  path: '/v1/approvals',
  operationId: 'approvalList',
  summary: 'Approvals that the caller has requested or may decide, the next deadline first',
  allow: ['owner', 'role:support'],
  view: approvalsView,
  table: approvalsTable,
  ownedBy: { table: partiesTable, field: 'party', names: 'parties' },
  filterBy: ['status'],
  query: {
    candidate: candidateField
      .optional()
      .meta({ description: 'Only those that this user or role may decide' }),
    dueBefore: timestamp
      .optional()
      .meta({ description: 'Only those whose deadline is before', examples: [] }),
  },
  where: ({ candidate, dueBefore }) => [
    [
      `EXISTS (SELECT FROM read_model.${partiesTable.name} candidate
               WHERE candidate.tenant = found.tenant AND candidate.approval_id = found.id
               AND candidate.part = 'candidate' AND candidate.may_decide AND candidate.party = ?)`,
      candidate,
    ],
    ['found.deadline < ?', dueBefore],
  ],
  orderBy: ['deadline', 'id'],
});
