import { z } from 'zod';
import { approvalContract } from '#contracts/approval/approval.contract.js';
import { genericRejections } from '#contracts/rejections.js';
import { secret } from '#contracts/personal-data.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, schemaName } from '#libs/api/documents/openapi-schemas.js';
import { byCode } from '#libs/core/problems.js';
import { linkProblems } from './approval-links.js';

/** `POST /v1/approval-links` */
export const followBody = z.strictObject({
  token: secret(z.string().min(1).max(2_100)).meta({
    description: 'What follows the `#` in the address of a link',
  }),
});

const ofAnybody = {
  tags: [approvalContract.plural],
  // Without a credential: who has the link is the person that it was mailed to.
  security: [],
  description: 'Allowed without a credential.',
};

/** The routes of links as part of the OpenAPI document of the service. */
export function approvalLinksDocument(): Document {
  const schema = jsonSchema(followBody);
  return {
    tags: [],
    paths: {
      '/v1/approval-links': {
        get: {
          ...ofAnybody,
          operationId: 'approvalLinkPage',
          summary: 'The page that the links of mails lead to. It changes nothing',
          responses: { ...html(200, 'The page'), ...problemResponses(readProblems) },
        },
        post: {
          ...ofAnybody,
          operationId: 'approvalLinkFollow',
          summary: 'Make the choice of a link, once',
          requestBody: {
            required: true,
            content: {
              'application/json': { schema },
              'application/x-www-form-urlencoded': { schema },
            },
          },
          responses: {
            ...answered(200, 'The decision was made', 'Accepted'),
            ...answered(202, 'The decision is durable and will be made', undefined),
            ...problemResponses({
              ...requestProblems,
              ...genericRejections,
              ...approvalContract.rejections,
              ...byCode(Object.values(linkProblems)),
            }),
          },
        },
      },
    },
    components: { schemas: {} },
    'x-problems': Object.values(linkProblems),
  };
}

const page = { 'text/html': { schema: { type: 'string' } } };

function html(status: number, description: string): Document {
  return { [status]: { description, content: page } };
}

/** As JSON, or as a page for those who sent the form. */
function answered(status: number, description: string, schema: 'Accepted' | undefined): Document {
  const name = schema === undefined ? 'Pending' : schemaName(approvalContract, schema);
  const json = { schema: { $ref: `#/components/schemas/${name}` } };
  return { [status]: { description, content: { 'application/json': json, ...page } } };
}
