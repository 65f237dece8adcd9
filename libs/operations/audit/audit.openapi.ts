import { AUDIT_READERS, auditedAct, auditFilters } from '#contracts/audit.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { pageParameters, queryParameters } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems } from '#libs/api/documents/openapi-problems.js';
import type { Document } from '#libs/api/documents/openapi-schemas.js';
import { pageOf } from '../operations-of.js';

const TAG = 'audit';

/** The audit as part of the OpenAPI document of the service that has it. */
export function auditDocument(): Document {
  const content = { 'application/json': { schema: pageOf(auditedAct) } };
  return {
    tags: [{ name: TAG, description: 'What operators did, through all services' }],
    paths: {
      '/v1/audit': {
        get: {
          tags: [TAG],
          operationId: 'audit',
          summary: 'What operators did or tried to do, latest first',
          ...allowed(AUDIT_READERS, 'Operators see all tenants, others only what was done in theirs.'),
          parameters: [...queryParameters(auditFilters), ...pageParameters],
          responses: { 200: { description: 'The acts', content }, ...problemResponses(readProblems) },
        },
      },
    },
    components: { schemas: {} },
  };
}
