import { STOCK_IMPORT_READERS } from '#contracts/stock-import/stock-import.contract.js';
import { defineList } from '#libs/api/entities/read-route.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { flowsTable } from '#libs/operations/flows/flows.projection.js';
import { STOCK_IMPORTS } from './stock-import.view.js';

/** The list of imports. */
export function stockImportList(view: AnyView) {
  return defineList({
    path: STOCK_IMPORTS,
    operationId: 'stockImportAll',
    summary: 'Imports of stock, without their counts',
    allow: STOCK_IMPORT_READERS,
    view,
    table: flowsTable,
    filterBy: ['status'],
    where: () => [['type = ?', 'stockImport']],
    orderBy: ['id'],
  });
}
