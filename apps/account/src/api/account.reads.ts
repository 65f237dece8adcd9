import { z } from 'zod';
import { accountContract } from '#contracts/account/account.contract.js';
import { accountRow, statementEntry } from '#contracts/account/account.views.js';
import { text } from '#contracts/fields.js';
import { defineReadRoute, type ReadRoute } from '#libs/api/entities/read-route.js';
import { accountsView } from '../read-model/accounts/accounts.projection.js';
import { createAccountsQueries } from '../read-model/accounts/accounts.queries.js';
import { statementView } from '../read-model/statement/statement.projection.js';
import { createStatementQueries } from '../read-model/statement/statement.queries.js';

/** The lists of the account service. */
export const accountReads: readonly ReadRoute[] = [
  defineReadRoute({
    path: '/v1/accounts',
    operationId: 'accountList',
    summary: 'Accounts, as the read model shows them',
    query: z.strictObject({
      status: accountContract.view.shape.status.optional(),
      owner: text(200).optional(),
    }),
    item: accountRow,
    view: accountsView,
    find: (pool, { query, limit, cursor }) => createAccountsQueries(pool).list({ ...query, limit, cursor }),
  }),
  defineReadRoute({
    path: '/v1/accounts/{id}/statement',
    operationId: 'accountStatement',
    summary: 'What moved or set aside money, with the running balance',
    query: z.strictObject({}),
    item: statementEntry,
    view: statementView,
    find: (pool, { id, limit, cursor }) => createStatementQueries(pool).entries(id, { limit, cursor }),
  }),
];
