import { z } from 'zod';
import { OPERATORS } from '#contracts/access.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { inPath } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { byCode } from '#libs/core/problems.js';
import { workerProblems } from './worker-problems.js';
import { acknowledgement, orderBody, ordered, orderItem, processItem } from './workers.schemas.js';

const TAG = 'workers';
const process = inPath('process', { type: 'string', minLength: 1 }, 'account-work');

/** The routes of the processes as part of the OpenAPI document of the service that has them. */
export function workersDocument(): Document {
  return {
    tags: [{ name: TAG, description: 'Processes of all services, and their Temporal workers' }],
    paths: {
      '/v1/workers': { get: list('List', 'The processes that have reported within an hour', processItem) },
      '/v1/workers/orders': { get: list('Orders', 'The latest orders of operators', orderItem) },
      '/v1/workers/{process}/pause': { post: order('Pause', 'Stops workers from taking up work') },
      '/v1/workers/{process}/resume': { post: order('Resume', 'Lets workers take up work again') },
      '/v1/workers/{process}/drain': {
        post: order('Drain', 'The same as pause; a whole process also turns unready'),
      },
      '/v1/workers/{process}/acknowledge': {
        post: {
          ...operation('Acknowledge', 'Says that its failures so far were seen', 200, ordered, true),
          parameters: [process],
          requestBody: bodyOf(acknowledgement),
        },
      },
    },
    components: { schemas: {} },
    'x-problems': Object.values(workerProblems),
  };
}

function operation(
  name: string,
  summary: string,
  status: 200 | 202,
  reply: z.ZodType,
  isOrder = status === 202,
): Document {
  const content = { 'application/json': { schema: jsonSchema(reply, 'output') } };
  const problems = isOrder ? { ...requestProblems, ...byCode(Object.values(workerProblems)) } : readProblems;
  return {
    tags: [TAG],
    operationId: `workers${name}`,
    summary,
    ...allowed(OPERATORS),
    responses: { [status]: { description: 'The answer', content }, ...problemResponses(problems) },
  };
}

function list(name: string, summary: string, item: z.ZodType): Document {
  return operation(name, summary, 200, z.strictObject({ data: z.array(item) }));
}

function order(name: string, summary: string): Document {
  return {
    ...operation(name, summary, 202, ordered),
    parameters: [process],
    requestBody: bodyOf(orderBody),
  };
}

function bodyOf(schema: z.ZodType): Document {
  return { required: false, content: { 'application/json': { schema: jsonSchema(schema) } } };
}
