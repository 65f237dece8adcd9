import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { byCode } from '#libs/core/problems.js';
import { callbackProblems } from './callback-problems.js';
import { addressQuery, report, taken } from './callbacks.schemas.js';

const TAG = 'callback-addresses';

/** The route of callback addresses as part of the OpenAPI document of the service that hosts it. */
export function callbackAddressesDocument(): Document {
  const { token } = addressQuery.shape;
  const post = {
    tags: [TAG],
    operationId: 'callbackAddressReport',
    summary: 'Report progress, completion or failure to a flow that waits for it',
    description:
      'A flow hands out the address of this route with a token, which is the only credential. ' +
      'A repeated end is answered as the first time.',
    parameters: [{ name: 'token', in: 'query', required: true, schema: jsonSchema(token) }],
    requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(report) } } },
    responses: {
      200: {
        description: 'The report was taken',
        content: { 'application/json': { schema: jsonSchema(taken, 'output') } },
      },
      ...problemResponses({ ...requestProblems, ...byCode(Object.values(callbackProblems)) }),
    },
  };
  return {
    tags: [{ name: TAG, description: 'Where processes outside report to flows' }],
    paths: { '/v1/callback-addresses': { post } },
    components: { schemas: {} },
    'x-problems': Object.values(callbackProblems),
  };
}
