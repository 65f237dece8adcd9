import { z } from 'zod';
import { entityId, text } from '#contracts/fields.js';
import { sagaContract } from '#contracts/saga/saga.contract.js';

/** Two books for one reader, or neither. */
export const bundleContract = sagaContract({
  name: 'bundle',
  plural: 'bundles',
  summary: 'Borrow two books, or neither',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({ first: entityId, second: entityId, reader: text(100) }),
  rejections: {},
});

export interface BundleInput {
  readonly [field: string]: string;
  readonly first: string;
  readonly second: string;
  readonly reader: string;
}
