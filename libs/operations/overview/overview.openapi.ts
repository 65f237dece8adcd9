import { overview, OVERVIEW_READERS } from '#contracts/overview.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { problemResponses, readProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';

/** The overview as part of the OpenAPI document of a service. */
export function overviewDocument(): Document {
  const schema = jsonSchema(overview, 'output');
  return {
    tags: [],
    paths: {
      '/v1/overview': {
        get: {
          tags: ['overview'],
          operationId: 'overview',
          summary: 'How all services are: what needs a person first',
          ...allowed(OVERVIEW_READERS, 'Operators see all tenants, others only what is of theirs.'),
          responses: {
            200: { description: 'The overview', content: { 'application/json': { schema } } },
            ...problemResponses(readProblems),
          },
        },
      },
    },
    components: { schemas: {} },
  };
}
