import { Controller, Get, Query, UseFilters } from '@nestjs/common';
import { noQuery } from '#libs/api/entities/page-query.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { RelayOperations } from './relay-operations.js';
import { OperatorsOnly } from '../operators-only.js';

/** `GET /v1/operations/{service}/relays`: the position, lag and rate of each relay. */
@Controller('relays')
@UseFilters(ProblemFilter)
export class RelaysController {
  constructor(private readonly relays: RelayOperations) {}

  @OperatorsOnly()
  @Get()
  async list(@Query() query: unknown) {
    validateQuery(noQuery, query);
    return { data: await this.relays.list() };
  }
}
