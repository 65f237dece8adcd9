import { Controller, Get, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { noQuery } from '#libs/api/entities/page-query.js';
import { callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import { OperatorsOnly } from '../operators-only.js';
import { ProcessRegistry } from './process-registry.js';
import { acknowledgement, orderBody, type OrderVerb } from './workers.schemas.js';

/** `/v1/workers`: the processes of all services with their workers, and orders to them. */
@Controller('v1/workers')
@UseFilters(ProblemFilter)
export class WorkersController {
  constructor(private readonly registry: ProcessRegistry) {}

  @OperatorsOnly()
  @Get()
  async list(@Query() query: unknown) {
    validateQuery(noQuery, query);
    return { data: await this.registry.list() };
  }

  @OperatorsOnly()
  @Get('orders')
  async orders(@Query() query: unknown) {
    validateQuery(noQuery, query);
    return { data: await this.registry.orders() };
  }

  @OperatorsOnly()
  @Post(':process/pause')
  @HttpCode(202)
  pause(@Param('process') process: string, @Req() request: FastifyRequest) {
    return this.give(process, 'pause', request);
  }

  @OperatorsOnly()
  @Post(':process/resume')
  @HttpCode(202)
  resume(@Param('process') process: string, @Req() request: FastifyRequest) {
    return this.give(process, 'resume', request);
  }

  @OperatorsOnly()
  @Post(':process/drain')
  @HttpCode(202)
  drain(@Param('process') process: string, @Req() request: FastifyRequest) {
    return this.give(process, 'drain', request);
  }

  @OperatorsOnly()
  @Post(':process/acknowledge')
  @HttpCode(200)
  async acknowledge(@Param('process') process: string, @Req() request: FastifyRequest) {
    const { reason } = bodyOf(acknowledgement, request);
    const { id: operator } = callerOf(request);
    return { processes: await this.registry.acknowledge(process, { operator, reason }) };
  }

  private async give(process: string, verb: OrderVerb, request: FastifyRequest) {
    const { worker, reason } = bodyOf(orderBody, request);
    const { id: operator } = callerOf(request);
    return { processes: await this.registry.give(process, { verb, worker, operator, reason }) };
  }
}
