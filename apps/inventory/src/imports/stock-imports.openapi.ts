import {
  STOCK_IMPORT_READERS,
  STOCK_IMPORTERS,
  stockImportContract,
} from '#contracts/stock-import/stock-import.contract.js';
import { routeOf } from '#contracts/entity-contract.js';
import { genericRejections } from '#contracts/rejections.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { commandHeadersParameters, header, idParameter } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, schemaName } from '#libs/api/documents/openapi-schemas.js';
import { UPLOAD_TYPES } from '#libs/api/http/uploads.js';
import { byCode } from '#libs/core/problems.js';
import { importProblems } from './import-upload.js';
import { rowReport, stockImport } from './stock-import.schemas.js';
import { STOCK_IMPORTS } from './stock-import.view.js';

const TAG = 'stock-imports';
const problems = Object.values(importProblems);
const view = { 'application/json': { schema: jsonSchema(stockImport, 'output') } };

/** The commands that steer an import. Their routes are those of the flow. */
export const STEERING = ['Pause', 'Resume', 'RetryFailed', 'Finish', 'Cancel'] as const;

/** The routes of imports as part of the OpenAPI document of the service. */
export function stockImportsDocument(): Document {
  const one = `${STOCK_IMPORTS}/{id}`;
  return {
    tags: [{ name: TAG, description: 'Many changes of stock at once, from files' }],
    paths: {
      [STOCK_IMPORTS]: { post: upload() },
      [one]: {
        get: get('stockImportView', 'An import, and how far it is', {
          description: 'The import',
          content: view,
        }),
      },
      [`${one}/rejects`]: {
        get: get('stockImportRejects', 'The rows that were not applied, and why', report()),
      },
      [`${one}/results`]: {
        get: get('stockImportResults', 'The rows that were sent, and what became of each', report()),
      },
      ...Object.fromEntries(STEERING.map((type) => [`${one}/${routeOf(type)}`, { post: command(type) }])),
    },
    components: { schemas: {} },
    'x-problems': problems,
  };
}

function upload(): Document {
  const file = { schema: { type: 'string' } };
  return {
    tags: [TAG],
    operationId: 'stockImportUpload',
    summary: 'Import a file. The same file again has the same import, and changes nothing',
    ...allowed(STOCK_IMPORTERS),
    parameters: [
      header(
        'Content-Digest',
        'The SHA-256 of the file (RFC 9530). A file with another one is refused',
        { type: 'string' },
        'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
      ),
    ],
    requestBody: { required: true, content: Object.fromEntries(UPLOAD_TYPES.map((type) => [type, file])) },
    responses: {
      202: {
        description: 'The file is stored, and is imported',
        headers: { Location: { description: 'Address of the import', schema: { type: 'string' } } },
        content: view,
      },
      ...problemResponses({ ...requestProblems, ...byCode(problems) }),
    },
  };
}

function get(operationId: string, summary: string, answer: Document): Document {
  return {
    tags: [TAG],
    operationId,
    summary,
    ...allowed(STOCK_IMPORT_READERS),
    parameters: [idParameter],
    responses: { 200: answer, ...problemResponses({ ...readProblems, ...byCode(problems) }) },
  };
}

function report(): Document {
  return {
    description: 'A row a line: as CSV for `Accept: text/csv`, else as NDJSON',
    content: {
      'application/x-ndjson': { schema: jsonSchema(rowReport, 'output') },
      'text/csv': { schema: { type: 'string' } },
    },
  };
}

function command(type: (typeof STEERING)[number]): Document {
  const { commands, rejections } = stockImportContract;
  const contract = commands[type];
  const schema = (name: string) => ({
    'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
  });
  return {
    tags: [TAG],
    operationId: `stockImport${type}One`,
    summary: contract.summary,
    ...allowed(STOCK_IMPORTERS),
    parameters: [idParameter, ...commandHeadersParameters],
    requestBody: { required: type === 'Cancel', content: schema(schemaName(stockImportContract, type)) },
    responses: {
      200: {
        description: 'The command was accepted (with Prefer: wait)',
        content: schema(schemaName(stockImportContract, 'Accepted')),
      },
      202: { description: 'The command is durable and will be decided', content: schema('Pending') },
      ...problemResponses({ ...requestProblems, ...genericRejections, ...rejections }),
    },
  };
}
