import { Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { traceparentOf } from '#libs/api/http/trace-context.js';
import { validateBody, validateQuery } from '#libs/api/http/validate.js';
import type { JsonObject } from '#libs/core/json.js';
import { CallbackReports } from './callback-reports.js';
import { addressQuery, report } from './callbacks.schemas.js';

/**
 * Takes what is reported to callback addresses. The token in the address is the credential: it is
 * in the query, which no log shows.
 */
@Controller('v1/callback-addresses')
@UseFilters(ProblemFilter)
export class CallbackAddressesController {
  constructor(private readonly reports: CallbackReports) {}

  @Public()
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async report(@Req() request: FastifyRequest) {
    const { token } = validateQuery(addressQuery, request.query);
    const given = validateBody(report, request.body);
    if (given.status === 'progress') await this.reports.progress(token, given.progress as JsonObject);
    else {
      const traceparent = traceparentOf(request.headers);
      const outcome = given.status === 'completed' ? { ...given, result: given.result as JsonObject } : given;
      await this.reports.end(token, outcome, traceparent === undefined ? {} : { traceparent });
    }
    return { status: 'accepted' };
  }
}
