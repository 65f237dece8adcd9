import type { z } from 'zod';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import type { OperationsOf } from '../operations-of.js';
import * as schemas from './rebuild.schemas.js';
import { viewParameter } from './view-parameter.js';

const samples = {
  name: 'samples',
  in: 'query',
  description: 'Number of rows to show of each table',
  schema: { type: 'integer', minimum: 0, maximum: 999, default: 5 },
};

/** The routes of rebuilds as paths of an OpenAPI document. */
export function rebuildPaths(base: string, operations: OperationsOf): Document {
  const parameters = [viewParameter];
  const reply = jsonSchema(schemas.rebuildItem, 'output');
  const status = { name: 'Rebuild', summary: 'The last rebuild, and its progress', parameters, reply };
  const start = {
    name: 'RebuildStart',
    summary: 'Starts to rebuild a view next to the one that serves',
    body: schemas.rebuildBody,
    status: 202,
  } as const;
  const post = (name: string, summary: string, body: z.ZodType): Document => {
    return operations.post({ name, summary, body, parameters, reply });
  };
  return {
    [base]: { ...operations.get(status), ...operations.post({ ...start, parameters, reply }) },
    [`${base}/diff`]: operations.get({
      name: 'RebuildDiff',
      summary: 'The current differences, row by row',
      parameters: [viewParameter, samples],
      reply: jsonSchema(schemas.viewDiff, 'output'),
    }),
    [`${base}/throttle`]: post(
      'RebuildThrottle',
      'Changes how fast the view is rebuilt',
      schemas.throttleBody,
    ),
    [`${base}/switch`]: post('RebuildSwitch', 'Switches to the rebuilt view', schemas.switchBody),
    [`${base}/rollback`]: post(
      'RebuildRollback',
      'Switches back to the view that served before',
      schemas.endBody,
    ),
    [`${base}/cancel`]: post(
      'RebuildCancel',
      'Cancels the rebuild and removes what it has written',
      schemas.endBody,
    ),
  };
}
