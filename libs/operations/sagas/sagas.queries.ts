import { z } from 'zod';
import { OPERATORS } from '#contracts/access.js';
import { defineList } from '#libs/api/entities/read-route.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { sagasTable } from './sagas.projection.js';

/** The list of the sagas of one kind. */
export function sagaList({ name: saga, plural, access }: EntityContract, view: AnyView) {
  return defineList({
    path: `/v1/${plural}`,
    operationId: `${saga}List`,
    summary: 'Sagas of this kind; `stuck=true`: those that need an operator',
    allow: [...access.read, ...OPERATORS],
    allTenants: true,
    view,
    table: sagasTable,
    ownedBy: 'owner',
    filterBy: ['tenant', 'status'],
    query: { stuck: z.literal('true').optional() },
    where: ({ stuck }) => [['saga = ?', saga], ...(stuck ? [['is_stuck'] as const] : [])],
    orderBy: ['tenant', 'id'],
  });
}
