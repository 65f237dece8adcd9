import type { z } from 'zod';
import { viewProblems } from '#libs/read-model/view-problems.js';
import { inPath, pageParameters } from '#libs/api/documents/openapi-parts.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { OperationsOf, pageOf, viewParameter } from './openapi-operations.js';
import { rebuildPaths } from './rebuild.openapi.js';
import * as schemas from './view-operations.schemas.js';

const auditOf = {
  name: 'view',
  in: 'query',
  description: 'Of this view only',
  schema: jsonSchema(schemas.keyOfView),
};

/** The operators' routes of a service's views as a part of its OpenAPI document. */
export function viewOperationsDocument(service: string): Document {
  const base = `/v1/operations/${service}`;
  const operations = new OperationsOf(service);
  const list = {
    name: 'Views',
    summary: 'The views: whether they are current',
    reply: pageOf(schemas.viewItem),
  };
  const audit = {
    name: 'Audit',
    summary: 'What operators did, the latest first',
    parameters: [auditOf, ...pageParameters],
    reply: pageOf(schemas.auditItem),
  };
  return {
    tags: [{ name: operations.tag, description: `What operators do with the ${service} service` }],
    paths: {
      [`${base}/views`]: operations.get(list),
      ...parkingPaths(`${base}/views/{view}/parked`, operations),
      ...rebuildPaths(`${base}/views/{view}/rebuild`, operations),
      [`${base}/audit`]: operations.get(audit),
    },
    components: { schemas: {} },
    'x-problems': Object.values(viewProblems),
  };
}

function parkingPaths(base: string, operations: OperationsOf): Document {
  // Whatever a record was keyed by, one that is no name of ours too.
  const stream = inPath('stream', { type: 'string', minLength: 1 }, 'account-default.alice');
  const parameters = [viewParameter, stream];
  const reply = jsonSchema(schemas.takenUp, 'output');
  const verb = (name: string, summary: string, body: z.ZodType): Document => {
    return operations.post({ name, summary, body, parameters, reply });
  };
  return {
    [base]: operations.get({
      name: 'ViewParked',
      summary: 'The entities that a view could not fold further',
      parameters: [viewParameter, ...pageParameters],
      reply: pageOf(schemas.parkedItem),
    }),
    [`${base}/{stream}`]: operations.get({
      name: 'ViewParkedEntity',
      summary: 'One of them, with the events that wait',
      parameters: [...parameters, ...pageParameters],
      reply: jsonSchema(schemas.parkedEntity, 'output'),
    }),
    [`${base}/{stream}/retry`]: verb('ViewRetry', 'Folds what waits, as it is', schemas.retryBody),
    [`${base}/{stream}/skip`]: verb(
      'ViewSkip',
      'Leaves the event out of this view, and folds on',
      schemas.skipBody,
    ),
    [`${base}/{stream}/patch`]: verb(
      'ViewPatch',
      'Folds other data in the place of the event, in this view only, and goes on',
      schemas.patchBody,
    ),
  };
}
