import { StockImport } from '#contracts/stock-import/stock-import.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { spreadWorkflow } from '#libs/flow/workflow/spread.workflow.js';
import { importStock, stockImportCalls, StockRows } from '../flows/stock-import.flow.js';

export const stockImport = flow(StockImport, importStock, { calls: stockImportCalls });
export const spread = spreadWorkflow([StockRows]);
