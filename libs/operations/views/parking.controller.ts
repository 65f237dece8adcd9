import { Controller, Get, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { JsonObject } from '#libs/core/json.js';
import { pageQuery } from '#libs/api/entities/page-query.js';
import { callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import type { Verb } from '#libs/read-model/parking/take-up.js';
import { ViewOperations } from './view-operations.js';
import { patchBody, retryBody, skipBody } from './view-operations.schemas.js';
import { OperatorsOnly } from '../operators-only.js';

interface Address {
  readonly view: string;
  readonly stream: string;
}

/** The operators' routes of parked entities, `/v1/operations/{service}/views/{view}/parked`. */
@Controller('views/:view/parked')
@UseFilters(ProblemFilter)
export class ParkingController {
  constructor(private readonly operations: ViewOperations) {}

  @OperatorsOnly()
  @Get()
  list(@Param('view') view: string, @Query() query: unknown) {
    return this.operations.parked(view, validateQuery(pageQuery, query));
  }

  @OperatorsOnly()
  @Get(':stream')
  entity(@Param() { view, stream }: Address, @Query() query: unknown) {
    return this.operations.parkedEntity(view, stream, validateQuery(pageQuery, query));
  }

  @OperatorsOnly()
  @Post(':stream/retry')
  @HttpCode(200)
  retry(@Param() address: Address, @Req() request: FastifyRequest) {
    return this.takeUp(address, request, bodyOf(retryBody, request), { verb: 'retry' });
  }

  @OperatorsOnly()
  @Post(':stream/skip')
  @HttpCode(200)
  skip(@Param() address: Address, @Req() request: FastifyRequest) {
    return this.takeUp(address, request, bodyOf(skipBody, request), { verb: 'skip' });
  }

  @OperatorsOnly()
  @Post(':stream/patch')
  @HttpCode(200)
  patch(@Param() address: Address, @Req() request: FastifyRequest) {
    const body = bodyOf(patchBody, request);
    return this.takeUp(address, request, body, { verb: 'patch', replacement: replacementIn(body) });
  }

  private takeUp(
    { view, stream }: Address,
    request: FastifyRequest,
    { revision, reason }: z.output<typeof retryBody>,
    what: Verb,
  ) {
    const { id: operator } = callerOf(request);
    return this.operations.takeUp(view, { stream, what, revision, operator, reason });
  }
}

function replacementIn({ data, type, schemaVersion }: z.output<typeof patchBody>) {
  return {
    data: data as JsonObject,
    ...(type !== undefined && { type }),
    ...(schemaVersion !== undefined && { schemaVersion }),
  };
}
