import { type Document, jsonSchema, pageSchema } from '#libs/http/openapi-schemas.js';
import { viewItem } from './view-operations.schemas.js';

const problem = (description: string): Document => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The operators' routes of a service's views as a part of its OpenAPI document. */
export function viewOperationsDocument(service: string): Document {
  const base = `/v1/operations/${service}/views`;
  const tag = `${service} operations`;
  const list = {
    tags: [tag],
    operationId: `${service}Views`,
    summary: 'The views of the service: whether they are current, and what they could not fold',
    responses: {
      200: {
        description: 'All views',
        content: { 'application/json': { schema: pageSchema(jsonSchema(viewItem, 'output')) } },
      },
      503: problem('`ENGINE.UNAVAILABLE`'),
    },
  };
  return {
    tags: [{ name: tag, description: `What operators do with the ${service} service` }],
    paths: { [base]: { get: list } },
    components: { schemas: {} },
  };
}
