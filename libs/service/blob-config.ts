import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** The environment variable that says where large payloads are kept. */
export const blobVariables = {
  BLOB_STORE_URL: z
    .string()
    .regex(/^file:\/\/\/[^?#]+$/, 'must be file:///…')
    .default(() => pathToFileURL('.perdure/blobs').href),
};
