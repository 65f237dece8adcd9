import { Controller, Get, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { OPERATORS } from '#contracts/access.js';
import { AUDIT_READERS, auditFilters } from '#contracts/audit.js';
import { pageQuery } from '#libs/api/entities/page-query.js';
import { Allow, callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { extentOf } from '#libs/identity/policy.js';
import { OperatorActs } from './operator-acts.js';

const auditQuery = pageQuery.extend(auditFilters.shape);

/** `GET /v1/audit`: what operators did, through all services. */
@Controller('v1/audit')
@UseFilters(ProblemFilter)
export class AuditController {
  constructor(private readonly acts: OperatorActs) {}

  @Allow(AUDIT_READERS)
  @Get()
  list(@Query() query: unknown, @Req() request: FastifyRequest) {
    const asked = validateQuery(auditQuery, query);
    const caller = callerOf(request);
    const isOfAllTenants = extentOf(OPERATORS, caller) === 'full';
    return this.acts.list(isOfAllTenants ? asked : { ...asked, tenant: caller.tenant });
  }
}
