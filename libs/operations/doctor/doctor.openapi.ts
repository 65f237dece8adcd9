import { allowed } from '#libs/api/documents/openapi-access.js';
import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { doctorBody, doctorLine } from './doctor.schemas.js';
import { OPERATORS } from '../operators-only.js';

/** The doctor's route as part of a service's OpenAPI document. */
export function doctorDocument(service: string): Document {
  const post = {
    tags: [`${service} operations`],
    operationId: `${service}Doctor`,
    summary: 'Compares streams, topics, views and running entities, and heals differences if requested',
    ...allowed(OPERATORS),
    requestBody: { required: false, content: { 'application/json': { schema: jsonSchema(doctorBody) } } },
    responses: {
      200: {
        description: 'Findings as they are made, one JSON object per line',
        content: { 'application/x-ndjson': { schema: jsonSchema(doctorLine, 'output') } },
      },
      ...problemResponses(requestProblems),
    },
  };
  return { tags: [], paths: { [`/v1/operations/${service}/doctor`]: { post } }, components: { schemas: {} } };
}
