import { z } from 'zod';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import { count } from '#contracts/fields.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { idParameter } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';

const itemLine = z.strictObject({
  item: count.meta({ description: 'Its number in the source, from 0' }),
  outcome: z.enum(['done', 'rejected', 'failed']),
  code: z.string().optional(),
  detail: z.string().optional(),
  record: z.record(z.string(), z.unknown()).optional(),
});

const runLine = z
  .strictObject({ from: count, to: count, outcome: z.literal('done') })
  .meta({ description: 'Items that are done and have no record: from the first, up to but without `to`' });

/** The files of a flow's spread as part of the OpenAPI document of its service. */
export function spreadFilesDocument(contract: FlowContract): Document {
  const { plural, access } = contract;
  const route = (name: string, summary: string, line: z.ZodType) => ({
    get: {
      tags: [plural],
      operationId: `${contract.name}${name}`,
      summary,
      description: 'One JSON object on a line, up to the last time that it paused, waited or ended',
      parameters: [idParameter],
      ...allowed(access.read),
      responses: {
        200: {
          description: 'The outcomes',
          content: { 'application/x-ndjson': { schema: jsonSchema(line, 'output') } },
        },
        ...problemResponses(readProblems),
      },
    },
  });
  return {
    tags: [],
    paths: {
      [`/v1/${plural}/{id}/results`]: route(
        'Results',
        'The outcome of each item',
        z.union([itemLine, runLine]),
      ),
      [`/v1/${plural}/{id}/rejects`]: route(
        'Rejects',
        'The items that are rejected or have failed',
        itemLine,
      ),
    },
    components: { schemas: {} },
  };
}
