import type { lowStockDigestContract } from './low-stock-digest.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What a digest of low stock takes, receives and returns. */
export type LowStockDigestTypes = FlowTypesOf<typeof lowStockDigestContract>;

export const LowStockDigest = flowKind<LowStockDigestTypes>('lowStockDigest');
