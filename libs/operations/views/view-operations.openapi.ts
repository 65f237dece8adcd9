import type { z } from 'zod';
import { viewProblems } from '#libs/read-model/view-problems.js';
import { inPath, pageParameters } from '#libs/api/documents/openapi-parts.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { OperationsOf, pageOf } from '../operations-of.js';
import { rebuildPaths } from './rebuild.openapi.js';
import * as schemas from './view-operations.schemas.js';
import { viewParameter } from './view-parameter.js';

const auditOf = {
  name: 'view',
  in: 'query',
  description: 'Only for this view',
  schema: jsonSchema(schemas.keyOfView),
};

/** The operator routes of a service's views as part of its OpenAPI document. */
export function viewOperationsDocument(service: string): Document {
  const operations = new OperationsOf(service, Object.values(viewProblems));
  const { base } = operations;
  const list = {
    name: 'Views',
    summary: 'The views, and whether they are current',
    reply: pageOf(schemas.viewItem),
  };
  const audit = {
    name: 'Audit',
    summary: 'Actions of operators, latest first',
    parameters: [auditOf, ...pageParameters],
    reply: pageOf(schemas.auditItem),
  };
  const document = operations.document({
    [`${base}/views`]: operations.get(list),
    ...parkingPaths(`${base}/views/{view}/parked`, operations),
    ...rebuildPaths(`${base}/views/{view}/rebuild`, operations),
    [`${base}/audit`]: operations.get(audit),
  });
  return {
    ...document,
    tags: [{ name: operations.tag, description: `Operations on the ${service} service` }],
  };
}

function parkingPaths(base: string, operations: OperationsOf): Document {
  // The key of a record may be anything, also a name that is not ours.
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
      summary: 'One of them, with its pending events',
      parameters: [...parameters, ...pageParameters],
      reply: jsonSchema(schemas.parkedEntity, 'output'),
    }),
    [`${base}/{stream}/retry`]: verb('ViewRetry', 'Folds the pending events unchanged', schemas.retryBody),
    [`${base}/{stream}/skip`]: verb(
      'ViewSkip',
      'Skips the event in this view, and continues',
      schemas.skipBody,
    ),
    [`${base}/{stream}/patch`]: verb(
      'ViewPatch',
      'Replaces the data of the event, in this view only, and continues',
      schemas.patchBody,
    ),
  };
}
