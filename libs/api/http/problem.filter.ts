import type { IncomingHttpHeaders } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '#libs/core/problems.js';
import type { Logger } from '#libs/runtime/logger.js';
import { showBoundRefusal } from './limit-metrics.js';
import { PROBLEM_JSON, problemBody, problemHeaders } from './problem.js';
import { RouteTable } from './route-table.js';
import { toProblem } from './to-problem.js';
import { traceIdOf } from './trace-context.js';

/** Ids have up to 200 characters, and a path has one or two. */
const LONGEST_PATH = 500;

/** Where internal errors are logged. A class, so that Nest can inject it. */
export abstract class RequestLog {
  abstract readonly logger: Logger;
}

/**
 * Answers every error as problem+json. Logs internal errors with the trace id that the client
 * receives.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: RequestLog,
    @Optional() private readonly routes?: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const isNoRoute = this.routes && error instanceof NotFoundException;
    const failure = isNoRoute ? this.routes.refusal(request) : error;
    sendProblem(failure, request, http.getResponse<FastifyReply>(), this.log.logger);
  }
}

export interface ProblemRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly url: string;
}

/** A Fastify reply, whatever the types of its route. */
interface ProblemReply {
  readonly sent: boolean;
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

/**
 * Answers one error as problem+json. Also used where Nest handles no errors: for malformed URLs,
 * and in servers without Nest.
 */
export function sendProblem(
  error: unknown,
  request: ProblemRequest,
  fastifyReply: object,
  logger: Logger,
): void {
  const reply = fastifyReply as ProblemReply;
  const problem = toProblem(error);
  const traceId = traceIdOf(request.headers);
  if (problem.code === problems.internal.code) {
    logger.error(
      { err: error, trace: traceId, method: request.method, path: pathOf(request) },
      'a request failed',
    );
  }
  showBoundRefusal(problem.code);
  if (reply.sent) return;
  reply.code(problem.status);
  for (const [name, value] of Object.entries(problemHeaders(problem))) reply.header(name, value);
  reply.header('content-type', PROBLEM_JSON);
  reply.send(JSON.stringify(problemBody(problem, request.url, traceId)));
}

/** The path for a log. Queries may hold anything, such as the owner by whom a list is filtered. */
function pathOf({ url }: ProblemRequest): string {
  return url.split('?', 1)[0]?.slice(0, LONGEST_PATH) ?? '';
}
