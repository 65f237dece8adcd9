import type { z } from 'zod';
import { byCode } from '#libs/core/problems.js';
import { viewProblems } from '#libs/read-model/view-problems.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { inPath } from '#libs/api/documents/openapi-parts.js';
import { problemResponses, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, pageSchema } from '#libs/api/documents/openapi-schemas.js';
import { OPERATORS } from '../operators-only.js';
import { keyOfView } from './view-operations.schemas.js';

/** `{view}` */
export const viewParameter = inPath('view', jsonSchema(keyOfView), 'account.accounts.v1');

const json = (schema: Document): Document => ({ 'application/json': { schema } });

/** A page of such items as a reply. */
export function pageOf(item: z.ZodType): Document {
  return pageSchema(jsonSchema(item, 'output'));
}

/** A query by operators. */
export interface Question {
  readonly name: string;
  readonly summary: string;
  readonly parameters?: readonly Document[];
  readonly reply: Document;
}

/** An action by operators. */
export interface Deed extends Question {
  readonly body: z.ZodType;
  readonly status?: 200 | 202;
}

/** Operations of one service, under its tag. */
export class OperationsOf {
  readonly tag: string;

  constructor(private readonly service: string) {
    this.tag = `${service} operations`;
  }

  get(question: Question): Document {
    return { get: this.operation(question, 200) };
  }

  post({ body, status = 200, ...deed }: Deed): Document {
    const requestBody = { required: !body.safeParse({}).success, content: json(jsonSchema(body)) };
    return { post: { ...this.operation(deed, status), requestBody } };
  }

  private operation({ name, summary, parameters = [], reply }: Question, status: 200 | 202): Document {
    const operationId = `${this.service}${name}`;
    const responses = {
      [status]: { description: 'The answer', content: json(reply) },
      ...problemResponses({ ...requestProblems, ...byCode(Object.values(viewProblems)) }),
    };
    return { tags: [this.tag], operationId, summary, ...allowed(OPERATORS), parameters, responses };
  }
}
