import { Controller, Get, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Present } from '#libs/core/public-state.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { Allow } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { answer } from './command-reply.js';
import { PastApi } from './past-api.js';

/** Makes the controller that compares and explains the states of an entity. */
export function pastController(contract: EntityContract, present: Present): Type {
  const { access, plural } = contract;
  @Controller(`v1/${plural}`)
  @UseFilters(ProblemFilter)
  class PastController {
    private readonly past: PastApi;

    constructor(gateway: EntityGateway, history: EntityHistory) {
      this.past = new PastApi(contract, gateway, history, present);
    }

    @Allow(access.read)
    @Get(':id/diff')
    diff(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.past.diff(request));
    }

    @Allow(access.read)
    @Get(':id/why')
    why(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.past.why(request));
    }
  }
  return PastController;
}
