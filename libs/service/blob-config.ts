import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { openBlobStore } from '#libs/blob/open-blob-store.js';

/** The environment variables of the store for large payloads. */
export const blobVariables = {
  BLOB_STORE_URL: z
    .string()
    .regex(/^(file:\/\/\/[^?#]+|s3:\/\/.+)$/, 'must be file:///… or s3://…')
    .superRefine((url, context) => {
      try {
        openBlobStore(url);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .default(() => pathToFileURL('.perdure/blobs').href),
  /** How often blobs of workflows that are gone are removed (0: never). */
  BLOB_SWEEP_SECONDS: z.coerce.number().int().min(0).max(604_800).default(3_600),
};
