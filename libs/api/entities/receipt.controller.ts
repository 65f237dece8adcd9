import { Controller, Get, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { receiptPolicy } from '#contracts/access.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { Allow } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { answer } from './command-reply.js';
import { wantsEventStream } from './event-stream.js';
import { ReceiptApi } from './receipt-api.js';

/** Makes the controller of the receipts of an entity's commands. */
export function receiptController(contract: EntityContract): Type {
  @Controller(`v1/${contract.plural}`)
  @UseFilters(ProblemFilter)
  class ReceiptController {
    private readonly receipts: ReceiptApi;

    constructor(gateway: EntityGateway, stages: StageFinder) {
      this.receipts = new ReceiptApi(contract, gateway, stages);
    }

    @Allow(receiptPolicy(contract.access))
    @Get(':id/commands/:commandId')
    receipt(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (wantsEventStream(request)) return this.receipts.follow(request, reply);
      return answer(reply, this.receipts.receipt(request));
    }
  }
  return ReceiptController;
}
