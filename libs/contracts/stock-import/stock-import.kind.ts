import { flowKind } from '#libs/core/flow/flow.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import type { stockImportContract } from './stock-import.contract.js';

/** What an import of stock takes, receives and returns. */
export type StockImportTypes = FlowTypesOf<typeof stockImportContract>;

export const StockImport = flowKind<StockImportTypes>('stockImport');
