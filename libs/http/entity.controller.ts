import { Controller, Get, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { EntityGateway } from '#libs/entity-client/entity-gateway.js';
import type { CommandReply } from './command-reply.js';
import { commandRoutes, EntityApi } from './entity-api.js';

/** The token under which an entity's gateway is provided. */
export function gatewayToken(contract: EntityContract): string {
  return `${contract.name} gateway`;
}

/**
 * The routes every entity has, out of its contract: its public commands, live state, events and receipts. `present` makes
 * the contract's view of a state.
 */
export function createEntityController(contract: EntityContract, present: (state: never) => object): Type {
  const commands = commandRoutes(contract);
  // A route for each command, not one with a parameter: what is no command is then no address either.
  const collection = [...commands.values()].some(({ command }) => command.creates) ? [''] : [];
  const paths = [...collection, ...[...commands.keys()].map((route) => `:id/${route}`)];

  @Controller(`v1/${contract.plural}`)
  class EntityController {
    private readonly api: EntityApi;

    constructor(@Inject(gatewayToken(contract)) gateway: EntityGateway) {
      this.api = new EntityApi(contract, gateway, present);
    }

    @Post(paths)
    command(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.command(request));
    }

    @Get(':id')
    state(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.state(request));
    }

    @Get(':id/events')
    events(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.events(request));
    }

    @Get(':id/commands/:commandId')
    receipt(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.receipt(request));
    }
  }
  return EntityController;
}

async function answer(reply: FastifyReply, answered: Promise<CommandReply>): Promise<void> {
  const { status, headers, body } = await answered;
  await reply.status(status).headers(headers).send(body);
}
