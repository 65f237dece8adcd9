import { LowStockDigest } from '#contracts/low-stock-digest/low-stock-digest.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { digestLowStock, lowStockDigestCalls } from '../flows/low-stock-digest.flow.js';

export const lowStockDigest = flow(LowStockDigest, digestLowStock, { calls: lowStockDigestCalls });
