import type { Policy } from '#contracts/access.js';
import { searchAnswer, searchedFor } from '#contracts/search.js';
import { allowed } from '../documents/openapi-access.js';
import { problemResponses, readProblems } from '../documents/openapi-problems.js';
import { type Document, jsonSchema } from '../documents/openapi-schemas.js';

/** Each caller finds what it may read. */
export const SEARCH_POLICY: Policy = ['anyone'];

/** The search as part of the OpenAPI document of a service. */
export function searchDocument(): Document {
  return {
    tags: [],
    paths: {
      '/v1/search': {
        get: {
          tags: ['search'],
          operationId: 'search',
          summary: 'What has an id, or an id that begins so: at most 20, the best first',
          ...allowed(SEARCH_POLICY, 'Finds only what the caller may read.'),
          parameters: [{ name: 'q', in: 'query', required: true, schema: jsonSchema(searchedFor) }],
          responses: {
            200: {
              description: 'The hits',
              content: { 'application/json': { schema: jsonSchema(searchAnswer, 'output') } },
            },
            ...problemResponses(readProblems),
          },
        },
      },
    },
    components: { schemas: {} },
  };
}
