import { Controller, Get, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { OVERVIEW_READERS } from '#contracts/overview.js';
import { noQuery } from '#libs/api/entities/page-query.js';
import { Allow, callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { Overview } from './overview.js';

/** `GET /v1/overview`: how the service is, and what of it needs a person. */
@Controller('v1/overview')
@UseFilters(ProblemFilter)
export class OverviewController {
  constructor(private readonly overview: Overview) {}

  @Allow(OVERVIEW_READERS)
  @Get()
  find(@Query() query: unknown, @Req() request: FastifyRequest) {
    validateQuery(noQuery, query);
    return this.overview.find(callerOf(request));
  }
}
