import { Controller, Get, Headers, Param, Query, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Pool } from 'pg';
import { OPERATORS } from '#contracts/access.js';
import { isEntityId } from '#libs/core/entity-id.js';
import { extentOf } from '#libs/identity/policy.js';
import { Allow, callerOf, onlyForIn } from '../http/access.js';
import { pageQuery } from './page-query.js';
import type { ReadRoute } from './read-route.js';
import { awaitWritten } from './read-your-writes.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { invalidId, validateQuery } from '../http/validate.js';

/** Makes the controller of a list. */
export function readController(route: ReadRoute): Type {
  const { ownedBy } = route;
  const views = [route.view, ...(route.otherViews ?? [])];

  @Controller(route.path.replaceAll(/\{(\w+)\}/g, ':$1'))
  @UseFilters(ProblemFilter)
  class ReadController {
    constructor(private readonly pool: Pool) {}

    @Allow(route.allow)
    @Get()
    async page(
      @Param('id') id: string | undefined,
      @Query() asked: Record<string, unknown>,
      @Headers('consistency-token') token: string | undefined,
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ) {
      if (id !== undefined && !isEntityId(id)) throw invalidId();
      const { limit, cursor, ...filters } = asked;
      const page = validateQuery(pageQuery, { limit, cursor });
      const query = validateQuery(route.query, filters);
      const { tenant } = callerOf(request);
      const onlyFor = onlyForIn(request);
      const only = ownedBy && onlyFor !== undefined ? { ...ownedBy, caller: onlyFor } : undefined;
      reply.headers(await awaitWritten(this.pool, views, tenant, token, only));
      const isOfAllTenants =
        route.allTenants === true && extentOf(OPERATORS, callerOf(request)) !== undefined;
      return route.find(this.pool, { id: id ?? '', query, tenant, isOfAllTenants, onlyFor, ...page });
    }
  }
  return ReadController;
}
