import { Controller, Get, Req, type Type, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Timeline } from '#contracts/timeline.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { assertVisible, entityNotFound } from '../entities/assert-visible.js';
import { idIn } from '../entities/command-request.js';
import { maskFor } from '../entities/personal-mask.js';
import { Allow, callerOf } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { invalidId, validateQuery } from '../http/validate.js';
import type { ShownEntity } from './asked-timeline.js';
import { timelineQuery } from './timeline-query.js';
import { Timelines } from './timelines.js';

/** Makes the controller of the timelines of one kind of entity, for those who may read it. */
export function timelineController(entity: ShownEntity): Type {
  const { name, access } = entity.contract;
  @Controller(`v1/timeline/${name}`)
  @UseFilters(ProblemFilter)
  class TimelineController {
    constructor(
      private readonly gateway: EntityGateway,
      private readonly timelines: Timelines,
    ) {}

    @Allow(access.read)
    @Get(':id')
    async page(@Req() request: FastifyRequest) {
      const query = validateQuery(timelineQuery, request.query);
      const id = idIn(request) ?? '';
      if (!isEntityId(id)) throw invalidId();
      const stream = streamName(name, id, callerOf(request).tenant);
      await assertVisible(this.gateway, entity.contract, request, stream);
      const page = await this.timelines.page(entity, id, stream, query);
      if (!page) throw entityNotFound(entity.contract, id);
      return maskFor(entity.contract, request) ? withoutData(page) : page;
    }
  }
  return TimelineController;
}

/** What is left of a timeline for those who may not see personal fields. */
function withoutData(page: Timeline): Timeline {
  return { ...page, items: page.items.map(({ data: _data, detail: _detail, ...item }) => item) };
}
