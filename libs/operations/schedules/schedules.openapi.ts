import type { z } from 'zod';
import { OPERATORS } from '#contracts/access.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { inPath } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { byCode } from '#libs/core/problems.js';
import { pageOf } from '../operations-of.js';
import * as schemas from './schedules.schemas.js';

const TAG = 'schedules';
const problems = Object.values(schemas.scheduleProblems);
const schedule = inPath('schedule', { type: 'string', minLength: 1 }, 'inventory-default.low-stock-digest');

/** The routes of schedules as part of the OpenAPI document of the service that has them. */
export function schedulesDocument(): Document {
  const one = '/v1/schedules/{schedule}';
  const item = jsonSchema(schemas.scheduleItem, 'output');
  return {
    tags: [{ name: TAG, description: 'What starts flows at certain times, of all services' }],
    paths: {
      '/v1/schedules': { get: get('scheduleList', 'All schedules', pageOf(schemas.scheduleItem)) },
      [one]: {
        get: get('schedule', 'A schedule, its last runs, and what operators did to it', viewSchema(), true),
      },
      [`${one}/pause`]: post('schedulePause', 'Start no flows until it is resumed', schemas.pauseBody, item),
      [`${one}/resume`]: post('scheduleResume', 'Start flows again', schemas.resumeBody, item),
      [`${one}/trigger`]: post('scheduleTrigger', 'Start a flow now', schemas.triggerBody, item),
      [`${one}/backfill`]: post(
        'scheduleBackfill',
        'Start the flows of times that have passed; a time that had its flow gets no second one',
        schemas.backfillBody,
        jsonSchema(schemas.backfilled, 'output'),
      ),
    },
    components: { schemas: {} },
    'x-problems': problems,
  };
}

const viewSchema = () => jsonSchema(schemas.scheduleView, 'output');

function get(operationId: string, summary: string, schema: Document, isOfOne = false): Document {
  const ofOne = isOfOne ? { parameters: [schedule] } : {};
  const answers = isOfOne ? { ...readProblems, ...byCode(problems) } : readProblems;
  return { ...operation(operationId, summary), ...ofOne, responses: responses(schema, answers) };
}

function post(operationId: string, summary: string, body: z.ZodType, schema: Document): Document {
  const required = !body.safeParse({}).success;
  const requestBody = { required, content: { 'application/json': { schema: jsonSchema(body) } } };
  const answers = { ...requestProblems, ...byCode(problems) };
  return {
    post: {
      ...operation(operationId, summary),
      parameters: [schedule],
      requestBody,
      responses: responses(schema, answers),
    },
  };
}

function operation(operationId: string, summary: string): Document {
  return { tags: [TAG], operationId, summary, ...allowed(OPERATORS) };
}

function responses(schema: Document, answers: Parameters<typeof problemResponses>[0]): Document {
  const content = { 'application/json': { schema } };
  return { 200: { description: 'The answer', content }, ...problemResponses(answers) };
}
