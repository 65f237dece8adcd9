import { Controller, Post, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Present } from '#libs/core/public-state.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { Allow } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { answer } from './command-reply.js';
import { commandPolicy, commandRoutes, DRY_RUN } from './command-request.js';
import type { Completions } from './completing-door.js';
import { DryRunApi } from './dry-run-api.js';

/** Makes the controller that tries the commands of an entity without sending them. */
export function dryRunController(contract: EntityContract, present: Present, complete?: Completions): Type {
  const commands = commandRoutes(contract);
  @Controller(`v1/${contract.plural}`)
  @UseFilters(ProblemFilter)
  class DryRunController {
    private readonly api: DryRunApi;

    constructor(gateway: EntityGateway, dryRuns: DryRuns) {
      this.api = new DryRunApi(contract, gateway, dryRuns, present, complete);
    }

    @Allow((request) => commandPolicy(commands, request), { act: () => false })
    @Post([...commands.keys()].map((route) => `:id/${route}${DRY_RUN}`))
    run(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.run(request));
    }
  }
  return DryRunController;
}
