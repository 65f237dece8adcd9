import { defineList } from '#libs/api/entities/read-route.js';
import { accountsTable, accountsView } from '../accounts/accounts.projection.js';
import { statementTable, statementView } from './statement.projection.js';

/** The statement of one account, oldest line first. */
export const accountStatement = defineList({
  path: '/v1/accounts/{id}/statement',
  operationId: 'accountStatement',
  summary: 'What moved or set aside money, with the running balance',
  allow: ['owner', 'role:teller', 'role:supervisor', 'role:support'],
  view: statementView,
  otherViews: [accountsView],
  table: statementTable,
  ownedBy: { table: accountsTable, field: 'owner' },
  where: (_, id) => [['account_id = ?', id]],
  orderBy: ['revision'],
});
