import { z } from 'zod';
import { OPERATORS } from '#contracts/access.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import { FLOW_TYPES } from '#contracts/services.js';
import { defineList } from '#libs/api/entities/read-route.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { FLOW_READERS } from '../policies.js';
import { flowsTable, flowsView } from './flows.projection.js';

const query = { stuck: z.literal('true').optional() };
const stuckOnly = (stuck: 'true' | undefined) => (stuck ? [['is_stuck'] as const] : []);

/** The list of the flows of one type. */
export function flowList({ name: type, plural: path, access }: EntityContract, view: AnyView) {
  return defineList({
    path: `/v1/${path}`,
    operationId: `${type}List`,
    summary: 'Flows of this type; `stuck=true`: those that need an operator',
    allow: [...access.read, ...OPERATORS],
    allTenants: true,
    view,
    table: flowsTable,
    ownedBy: 'startedBy',
    filterBy: ['tenant', 'status'],
    query,
    where: ({ stuck }) => [['type = ?', type], ...stuckOnly(stuck)],
    orderBy: ['tenant', 'id'],
  });
}

/** The list of all flows, whatever service hosts them. One service serves it. */
export function allFlowsList(view: AnyView) {
  return defineList({
    path: '/v1/flows',
    operationId: 'flowList',
    allow: FLOW_READERS,
    allTenants: true,
    summary: 'Flows of all types; `stuck=true`: those that need an operator',
    view,
    otherViews: FLOW_TYPES.filter((type) => type !== view.category).map(flowsView),
    table: flowsTable,
    ownedBy: 'startedBy',
    filterBy: ['tenant', 'type', 'status'],
    query,
    where: ({ stuck }) => stuckOnly(stuck),
    orderBy: ['tenant', 'type', 'id'],
  });
}
