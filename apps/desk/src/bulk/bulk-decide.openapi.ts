import { approvalContract } from '#contracts/approval/approval.contract.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { commandHeadersParameters } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { bulkBody, bulkReply } from './bulk-decide.schemas.js';

/** The route as part of the OpenAPI document of the service. */
export function bulkDecideDocument(): Document {
  const { plural, commands } = approvalContract;
  return {
    tags: [],
    paths: {
      '/v1/approvals/bulk-decide': {
        post: {
          tags: [plural],
          operationId: 'approvalBulkDecide',
          summary: 'Approve and reject many, each with its own outcome; or only tell what that would give',
          ...allowed(
            commands.Approve.allow,
            'Waits for the outcomes for 10 s, or as `Prefer: wait` says. `Idempotency-Key` is the key of each decision.',
          ),
          parameters: commandHeadersParameters.filter(({ name }) => name !== 'If-Match'),
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(bulkBody) } } },
          responses: {
            200: {
              description: 'What became of each item, in their order',
              content: { 'application/json': { schema: jsonSchema(bulkReply, 'output') } },
            },
            ...problemResponses(requestProblems),
          },
        },
      },
    },
    components: { schemas: {} },
  };
}
