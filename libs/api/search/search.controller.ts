import { Controller, Get, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { searchedFor } from '#contracts/search.js';
import { Allow, callerOf } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { validateQuery } from '../http/validate.js';
import { SEARCH_POLICY } from './search.openapi.js';
import { Search } from './search.js';

const searchQuery = z.strictObject({ q: searchedFor });

/** `GET /v1/search?q=`: what has an id, or an id that begins so. */
@Controller('v1/search')
@UseFilters(ProblemFilter)
export class SearchController {
  constructor(private readonly search: Search) {}

  @Allow(SEARCH_POLICY)
  @Get()
  find(@Query() query: unknown, @Req() request: FastifyRequest) {
    return this.search.find({ ...validateQuery(searchQuery, query), caller: callerOf(request) });
  }
}
