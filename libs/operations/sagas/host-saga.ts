import { z } from 'zod';
import type { EntityContract } from '#contracts/entity-contract.js';
import { sagaRow, sagaStatus } from '#contracts/saga/saga.views.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { defineReadRoute } from '#libs/api/entities/read-route.js';
import { registerView } from '#libs/read-model/view-registration.js';
import { presentSaga } from '#libs/core/saga/saga.view.js';
import { findSagas } from './sagas.queries.js';
import { sagasView } from './sagas.projection.js';

/**
 * A saga as its service hosts it, with a list of all sagas of its kind, which can be limited to
 * those that need an operator.
 */
export function hostSaga(contract: EntityContract, decider: AnyDecider) {
  const { name, plural } = contract;
  const view = sagasView(name, plural);
  return {
    contract,
    decider,
    present: presentSaga,
    views: [registerView(view, new URL('./migration.sql', import.meta.url))],
    reads: [
      defineReadRoute({
        path: `/v1/${plural}`,
        operationId: `${name}List`,
        summary: 'Sagas of this kind; `stuck=true`: those that need an operator',
        query: z.strictObject({ status: sagaStatus.optional(), stuck: z.literal('true').optional() }),
        item: sagaRow,
        view,
        find: (pool, { query, limit, cursor }) => findSagas(pool, name, { ...query, limit, cursor }),
      }),
    ],
  };
}
