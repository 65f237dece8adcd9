import { Controller, Get, Query, UseFilters } from '@nestjs/common';
import { noQuery, pageQuery } from '#libs/api/entities/page-query.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { ViewOperations } from './view-operations.js';
import { keyOfView } from './view-operations.schemas.js';
import { OperatorsOnly } from '../operators-only.js';

const auditQuery = pageQuery.extend({ view: keyOfView.optional() });

/** The operators' routes of a service as a whole, under `/v1/operations/{service}`. */
@Controller()
@UseFilters(ProblemFilter)
export class ViewOperationsController {
  constructor(private readonly operations: ViewOperations) {}

  @OperatorsOnly()
  @Get('views')
  async list(@Query() query: unknown) {
    validateQuery(noQuery, query);
    return { data: await this.operations.list() };
  }

  @OperatorsOnly()
  @Get('audit')
  audit(@Query() query: unknown) {
    const { view, ...page } = validateQuery(auditQuery, query);
    return this.operations.audit(view, page);
  }
}
