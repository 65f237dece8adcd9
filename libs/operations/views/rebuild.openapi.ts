import type { z } from 'zod';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { type OperationsOf, viewParameter } from './openapi-operations.js';
import * as schemas from './rebuild.schemas.js';

const samples = {
  name: 'samples',
  in: 'query',
  description: 'How many rows of each table are shown',
  schema: { type: 'integer', minimum: 0, maximum: 999, default: 5 },
};

/** The routes of rebuilds as paths of an OpenAPI document. */
export function rebuildPaths(base: string, operations: OperationsOf): Document {
  const parameters = [viewParameter];
  const reply = jsonSchema(schemas.rebuildItem, 'output');
  const status = { name: 'Rebuild', summary: 'The last rebuild, and how far it is', parameters, reply };
  const start = {
    name: 'RebuildStart',
    summary: 'Begins to fill a view anew beside the one that serves',
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
      summary: 'What differs, row by row, at this moment',
      parameters: [viewParameter, samples],
      reply: jsonSchema(schemas.viewDiff, 'output'),
    }),
    [`${base}/throttle`]: post('RebuildThrottle', 'Changes how fast it is filled', schemas.throttleBody),
    [`${base}/switch`]: post('RebuildSwitch', 'Lets the new one serve', schemas.switchBody),
    [`${base}/rollback`]: post('RebuildRollback', 'Lets what served before serve again', schemas.endBody),
    [`${base}/cancel`]: post('RebuildCancel', 'Ends it and removes what was filled', schemas.endBody),
  };
}
