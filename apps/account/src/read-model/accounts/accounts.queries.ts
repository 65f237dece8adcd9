import { defineList } from '#libs/api/entities/read-route.js';
import { accountsTable, accountsView } from './accounts.projection.js';

export const accountList = defineList({
  path: '/v1/accounts',
  operationId: 'accountList',
  summary: 'Accounts, as the read model shows them',
  allow: ['owner', 'role:teller', 'role:supervisor', 'role:support'],
  view: accountsView,
  table: accountsTable,
  ownedBy: 'owner',
  filterBy: ['status', 'owner'],
  orderBy: ['id'],
});
