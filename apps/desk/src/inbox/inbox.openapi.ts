import { approvalContract } from '#contracts/approval/approval.contract.js';
import type { Policy } from '#contracts/access.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { pageParameters } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, pageSchema } from '#libs/api/documents/openapi-schemas.js';
import { inboxItem, inboxQuery } from './inbox.schemas.js';

/** Each caller sees what waits for it. */
export const INBOX_POLICY: Policy = ['anyone'];

/** The inbox as part of the OpenAPI document of the service. */
export function inboxDocument(): Document {
  const kind = { name: 'kind', in: 'query', schema: jsonSchema(inboxQuery.shape.kind) };
  const page = pageSchema(jsonSchema(inboxItem, 'output'));
  return {
    tags: [],
    paths: {
      '/v1/inbox': {
        get: {
          tags: [approvalContract.plural],
          operationId: 'inboxList',
          summary: 'What waits for the caller, and what can be done about it',
          ...allowed(
            INBOX_POLICY,
            'Approvals that the caller may decide. To supervisors also the stuck sagas and flows of their tenant, to operators those of all tenants.',
          ),
          parameters: [kind, ...pageParameters],
          responses: {
            200: { description: 'A page', content: { 'application/json': { schema: page } } },
            ...problemResponses(readProblems),
          },
        },
      },
    },
    components: { schemas: {} },
  };
}
