import { callbackContract } from '#contracts/callback/callback.contract.js';
import { genericRejections } from '#contracts/rejections.js';
import { webhookSecurity } from '#libs/api/documents/openapi-access.js';
import { header, inPath } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, schemaName } from '#libs/api/documents/openapi-schemas.js';
import { WEBHOOK_HEADERS } from '#libs/api/http/webhook-signature.js';
import { byCode } from '#libs/core/problems.js';
import { webhookProblems } from '#contracts/callback/webhook.problems.js';

const text = { type: 'string' };
const accepted = schemaName(callbackContract, 'Accepted');

/** The route of webhooks as part of the OpenAPI document of the service. */
export function webhooksDocument(): Document {
  const { plural } = callbackContract;
  const post = {
    tags: [plural],
    operationId: 'webhookReceive',
    summary: 'Takes a webhook of a provider, as the Standard Webhooks specification says',
    description:
      '2xx means that it is stored. A repeat of its id gets the first outcome. Send it again after any other answer.',
    security: webhookSecurity,
    parameters: [
      inPath('id', { ...text, minLength: 1 }, 'card'),
      header(WEBHOOK_HEADERS.id, 'The id of the webhook, the same for every attempt', text, 'msg_1'),
      header(WEBHOOK_HEADERS.timestamp, 'The time of the attempt, in seconds since 1970', text, '1893456000'),
    ],
    requestBody: {
      required: false,
      description: 'A JSON object. The signature covers its bytes',
      content: { 'application/json': { schema: {} } },
    },
    responses: {
      200: {
        description: 'The webhook is stored',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${accepted}` } } },
      },
      ...problemResponses({
        ...requestProblems,
        ...genericRejections,
        ...callbackContract.rejections,
        ...byCode(Object.values(webhookProblems)),
      }),
    },
  };
  return {
    tags: [],
    // In the document, the parameter has the name that it has in the other paths of callbacks.
    paths: { [`/v1/${plural}/{id}`]: { post } },
    components: { schemas: {} },
    'x-problems': Object.values(webhookProblems),
  };
}
