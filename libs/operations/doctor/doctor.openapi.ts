import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { doctorBody, doctorLine } from './doctor.schemas.js';

/** The doctor's route as a part of a service's OpenAPI document. */
export function doctorDocument(service: string): Document {
  const post = {
    tags: [`${service} operations`],
    operationId: `${service}Doctor`,
    summary: 'Compares streams, topics, views and running entities, and heals what differs if asked to',
    requestBody: { required: false, content: { 'application/json': { schema: jsonSchema(doctorBody) } } },
    responses: {
      200: {
        description: 'What is found, a JSON object a line, as it goes',
        content: { 'application/x-ndjson': { schema: jsonSchema(doctorLine, 'output') } },
      },
      ...problemResponses(requestProblems),
    },
  };
  return { tags: [], paths: { [`/v1/operations/${service}/doctor`]: { post } }, components: { schemas: {} } };
}
