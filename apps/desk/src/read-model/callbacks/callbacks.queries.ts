import { defineList } from '#libs/api/entities/read-route.js';
import { callbackMessagesTable, callbackMessagesView } from './callbacks.projection.js';

export const callbackList = defineList({
  path: '/v1/callbacks',
  operationId: 'callbackList',
  summary: 'Messages of providers, the earliest first',
  allow: ['role:support', 'role:supervisor', 'role:operator'],
  allTenants: true,
  view: callbackMessagesView,
  table: callbackMessagesTable,
  filterBy: ['tenant', 'status', 'provider'],
  orderBy: ['receivedAt', 'tenant', 'id', 'n'],
});
