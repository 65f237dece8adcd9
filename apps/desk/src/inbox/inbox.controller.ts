import { Controller, Get, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Allow, callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { inboxQuery } from './inbox.schemas.js';
import { Inbox } from './inbox.js';
import { INBOX_POLICY } from './inbox.openapi.js';

/** What waits for the caller. */
@Controller('v1/inbox')
@UseFilters(ProblemFilter)
export class InboxController {
  constructor(private readonly inbox: Inbox) {}

  @Allow(INBOX_POLICY)
  @Get()
  page(@Query() query: unknown, @Req() request: FastifyRequest) {
    return this.inbox.page(callerOf(request), validateQuery(inboxQuery, query));
  }
}
