import { Controller, Get, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import { noQuery } from '#libs/api/entities/page-query.js';
import { RebuildOperations } from './rebuild-operations.js';
import { diffQuery, endBody, rebuildBody, switchBody, throttleBody } from './rebuild.schemas.js';
import { OperatorsOnly } from '../operators-only.js';

/** The operators' routes of rebuilds, `/v1/operations/{service}/views/{view}/rebuild`. */
@Controller('views/:view/rebuild')
@UseFilters(ProblemFilter)
export class RebuildController {
  constructor(private readonly operations: RebuildOperations) {}

  @OperatorsOnly()
  @Get()
  status(@Param('view') view: string, @Query() query: unknown) {
    validateQuery(noQuery, query);
    return this.operations.status(view);
  }

  @OperatorsOnly()
  @Get('diff')
  diff(@Param('view') view: string, @Query() query: unknown) {
    return this.operations.diff(view, validateQuery(diffQuery, query).samples);
  }

  @OperatorsOnly()
  @Post()
  @HttpCode(202)
  start(@Param('view') view: string, @Req() request: FastifyRequest) {
    return this.operations.start(view, deedOf(rebuildBody, request));
  }

  @OperatorsOnly()
  @Post('throttle')
  @HttpCode(200)
  throttle(@Param('view') view: string, @Req() request: FastifyRequest) {
    const { throttle } = bodyOf(throttleBody, request);
    return this.operations.throttle(view, throttle, callerOf(request).id);
  }

  @OperatorsOnly()
  @Post('switch')
  @HttpCode(200)
  switch(@Param('view') view: string, @Req() request: FastifyRequest) {
    return this.operations.switch(view, deedOf(switchBody, request));
  }

  @OperatorsOnly()
  @Post('rollback')
  @HttpCode(200)
  rollBack(@Param('view') view: string, @Req() request: FastifyRequest) {
    return this.operations.rollBack(view, deedOf(endBody, request));
  }

  @OperatorsOnly()
  @Post('cancel')
  @HttpCode(200)
  cancel(@Param('view') view: string, @Req() request: FastifyRequest) {
    return this.operations.cancel(view, deedOf(endBody, request));
  }
}

/** What an operator asks for, and who does. */
function deedOf<Schema extends z.ZodObject>(schema: Schema, request: FastifyRequest) {
  return { ...bodyOf(schema, request), operator: callerOf(request).id };
}
