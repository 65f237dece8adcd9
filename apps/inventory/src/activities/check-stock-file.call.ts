import { BlobAlteredError, BlobMissingError } from '#libs/blob/blob-store.errors.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { StockImportTypes } from '#contracts/stock-import/stock-import.kind.js';
import { prepareImport } from '../imports/prepare-import.js';
import { BadHeaderError } from '../imports/stock-rows.js';

/** Checks the lines of the file that an import owns. */
export function checkStockFileCall(blobs: BlobStore): Call {
  return async (data, _key, owner) => {
    const { format, hash, bytes } = data as unknown as StockImportTypes['input'];
    try {
      const checked = await prepareImport(blobs, { file: { owner, hash, bytes }, format, owner });
      return checked as unknown as JsonObject;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };
}

/** A file that is gone or is another one will not come back. */
function refusalOf(error: unknown): EffectRefusedError | undefined {
  if (error instanceof BadHeaderError) return new EffectRefusedError(error.fault.code, error.message);
  if (error instanceof BlobMissingError) return new EffectRefusedError('IMPORT.FILE_MISSING', error.message);
  if (error instanceof BlobAlteredError) return new EffectRefusedError('IMPORT.FILE_ALTERED', error.message);
  return undefined;
}
