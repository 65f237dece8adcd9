import { inPath } from '#libs/api/documents/openapi-parts.js';
import { jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { keyOfView } from './view-operations.schemas.js';

/** `{view}` */
export const viewParameter = inPath('view', jsonSchema(keyOfView), 'account.accounts.v1');
