import type { z } from 'zod';
import { OPERATORS } from '#contracts/access.js';
import { byCode } from '#libs/core/problems.js';
import type { ProblemKind } from '#libs/core/problem-error.js';
import { allowed } from '#libs/api/documents/openapi-access.js';
import { problemResponses, readProblems, requestProblems } from '#libs/api/documents/openapi-problems.js';
import { type Document, jsonSchema, pageSchema } from '#libs/api/documents/openapi-schemas.js';

/** A page of such items as a reply. */
export function pageOf(item: z.ZodType): Document {
  return pageSchema(jsonSchema(item, 'output'));
}

/** A query by operators. */
interface Question {
  readonly name: string;
  readonly summary: string;
  readonly parameters?: readonly Document[];
  readonly reply: Document;
  /** Default: `application/json`. */
  readonly replyType?: string;
  readonly replyDescription?: string;
}

/** An action by operators. */
interface Deed extends Question {
  readonly body: z.ZodType;
  readonly status?: 200 | 202;
}

/** The operators' routes of one service, under its tag, as parts of an OpenAPI document. */
export class OperationsOf {
  readonly tag: string;
  /** The path below which they are. */
  readonly base: string;

  constructor(
    private readonly service: string,
    /** What they may be answered with, in addition to the problems of any request. */
    private readonly problems: readonly ProblemKind[] = [],
  ) {
    this.tag = `${service} operations`;
    this.base = `/v1/operations/${service}`;
  }

  get(question: Question): Document {
    return { get: this.operation(question, 200, readProblems) };
  }

  post({ body, status = 200, ...deed }: Deed): Document {
    // A missing body counts as an empty object.
    const required = !body.safeParse({}).success;
    const requestBody = { required, content: { 'application/json': { schema: jsonSchema(body) } } };
    return { post: { ...this.operation(deed, status, requestProblems), requestBody } };
  }

  /** The document of these paths. */
  document(paths: Document): Document {
    return { tags: [], paths, components: { schemas: {} }, 'x-problems': this.problems };
  }

  private operation(question: Question, status: 200 | 202, ofRequests: typeof requestProblems): Document {
    const { name, summary, parameters = [], reply: schema } = question;
    const { replyType = 'application/json', replyDescription: description = 'The answer' } = question;
    const responses = {
      [status]: { description, content: { [replyType]: { schema } } },
      ...problemResponses({ ...ofRequests, ...byCode(this.problems) }),
    };
    const operationId = `${this.service}${name}`;
    return { tags: [this.tag], operationId, summary, ...allowed(OPERATORS), parameters, responses };
  }
}
