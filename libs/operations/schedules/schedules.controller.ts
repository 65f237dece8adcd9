import { Controller, Get, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { noQuery } from '#libs/api/entities/page-query.js';
import { callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import { OperatorsOnly } from '../operators-only.js';
import { Schedules } from './schedules.js';
import { backfillBody, pauseBody, resumeBody, triggerBody } from './schedules.schemas.js';

/** The schedules of all services, for operators. */
@Controller('v1/schedules')
@UseFilters(ProblemFilter)
export class SchedulesController {
  constructor(private readonly schedules: Schedules) {}

  @OperatorsOnly()
  @Get()
  async list(@Query() query: unknown) {
    validateQuery(noQuery, query);
    return { data: await this.schedules.list() };
  }

  @OperatorsOnly()
  @Get(':schedule')
  view(@Param('schedule') schedule: string, @Query() query: unknown) {
    validateQuery(noQuery, query);
    return this.schedules.view(schedule);
  }

  @OperatorsOnly()
  @Post(':schedule/pause')
  @HttpCode(200)
  pause(@Param('schedule') schedule: string, @Req() request: FastifyRequest) {
    const { reason } = bodyOf(pauseBody, request);
    return this.schedules.pause({ schedule, operator: callerOf(request).id, reason });
  }

  @OperatorsOnly()
  @Post(':schedule/resume')
  @HttpCode(200)
  resume(@Param('schedule') schedule: string, @Req() request: FastifyRequest) {
    const { reason } = bodyOf(resumeBody, request);
    return this.schedules.resume({ schedule, operator: callerOf(request).id, reason });
  }

  @OperatorsOnly()
  @Post(':schedule/trigger')
  @HttpCode(200)
  trigger(@Param('schedule') schedule: string, @Req() request: FastifyRequest) {
    const { reason, overlap } = bodyOf(triggerBody, request);
    return this.schedules.trigger({ schedule, operator: callerOf(request).id, reason }, overlap);
  }

  @OperatorsOnly()
  @Post(':schedule/backfill')
  @HttpCode(200)
  async backfill(@Param('schedule') schedule: string, @Req() request: FastifyRequest) {
    const { reason, ...range } = bodyOf(backfillBody, request);
    const deed = { schedule, operator: callerOf(request).id, reason };
    return { times: await this.schedules.backfill(deed, range) };
  }
}
