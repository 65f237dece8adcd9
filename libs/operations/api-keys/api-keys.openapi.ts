import type { z } from 'zod';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { header, inPath, like, pageParameters } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, pageSchema } from '#libs/api/documents/openapi-schemas.js';
import { IDEMPOTENCY_KEY } from '#libs/api/entities/command-headers.js';
import { byCode } from '#libs/core/problems.js';
import { API_KEY_ID } from '#libs/api-keys/api-key.js';
import { apiKeyProblems } from '#libs/api-keys/api-key-problems.js';
import { createBody, KEY_POLICY, listedKey, revokeBody, rotateBody, shownKey } from './api-keys.schemas.js';

const TAG = 'api-keys';

const keyId = inPath('keyId', like(API_KEY_ID), '3f9a1c5e7b2d4f6081a3c5e7');
const idempotencyKey = header(
  'Idempotency-Key',
  'A retry under the same key changes nothing. It cannot get the secret again, and is answered 409',
  like(IDEMPOTENCY_KEY),
  'import-key-1',
);

/** The routes of API keys as part of the OpenAPI document of the service that hosts them. */
export function apiKeysDocument(): Document {
  return {
    tags: [{ name: TAG, description: 'Credentials of programs' }],
    paths: {
      '/v1/api-keys': {
        post: change('Create', 'Makes a key, and shows its secret once', createBody, shownKey, 201),
        get: operation('List', 'The keys of the tenant, the latest first', {
          parameters: pageParameters,
          responses: {
            ...ok(200, pageSchema(jsonSchema(listedKey, 'output'))),
            ...problemResponses(readProblems),
          },
        }),
      },
      '/v1/api-keys/{keyId}/rotate': {
        post: change('Rotate', 'Gives a key a new secret, and shows it once', rotateBody, shownKey),
      },
      '/v1/api-keys/{keyId}/revoke': {
        post: change('Revoke', 'Ends a key, in every process within 5 s', revokeBody, listedKey),
      },
    },
    components: { schemas: {} },
    'x-problems': Object.values(apiKeyProblems),
  };
}

function operation(name: string, summary: string, more: Document): Document {
  return { tags: [TAG], operationId: `apiKey${name}`, summary, ...allowed(KEY_POLICY), ...more };
}

function change(
  name: string,
  summary: string,
  body: z.ZodType,
  reply: z.ZodType,
  status: 200 | 201 = 200,
): Document {
  return operation(name, summary, {
    parameters: [...(status === 201 ? [] : [keyId]), ...(reply === shownKey ? [idempotencyKey] : [])],
    requestBody: {
      // A missing body counts as an empty object.
      required: !body.safeParse({}).success,
      content: { 'application/json': { schema: jsonSchema(body) } },
    },
    responses: {
      ...ok(status, jsonSchema(reply, 'output')),
      ...problemResponses({ ...requestProblems, ...byCode(Object.values(apiKeyProblems)) }),
    },
  });
}

function ok(status: 200 | 201, schema: Document): Document {
  return { [status]: { description: 'The answer', content: { 'application/json': { schema } } } };
}
