import { Controller, Get, Inject, Param, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import type { CommandReply } from './command-reply.js';
import { commandRoutes, EntityApi, FEED_OF_ALL } from './entity-api.js';
import { wantsEventStream } from './event-stream.js';
import { FeedApi } from './feed-api.js';
import { ReceiptApi } from './receipt-api.js';

/** The token under which the live feeds are provided. */
export const EVENT_FEEDS = 'event feeds';

/** The token under which is provided who tells where commands stand. */
export const STAGE_FINDER = 'stage finder';

/** The token under which an entity's gateway is provided. */
export function gatewayToken(contract: EntityContract): string {
  return `${contract.name} gateway`;
}

/**
 * The routes every entity has, out of its contract: its public commands, live state, events (as pages, and as they
 * come) and receipts. `present` makes
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
    private readonly feeds: FeedApi;
    private readonly receipts: ReceiptApi;

    constructor(
      @Inject(gatewayToken(contract)) gateway: EntityGateway,
      @Inject(EVENT_FEEDS) feeds: EventFeeds,
      @Inject(STAGE_FINDER) stages: StageFinder,
    ) {
      this.receipts = new ReceiptApi(contract, gateway, stages);
      this.api = new EntityApi(contract, gateway, present);
      this.feeds = new FeedApi(contract, feeds);
    }

    @Post(paths)
    command(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.command(request));
    }

    @Get(':id')
    state(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (id === FEED_OF_ALL && wantsEventStream(request)) return this.feeds.ofAll(request, reply);
      return answer(reply, this.api.state(request));
    }

    @Get(':id/events')
    events(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (wantsEventStream(request)) return this.feeds.ofEntity(request, reply);
      return answer(reply, this.api.events(request));
    }

    @Get(':id/commands/:commandId')
    receipt(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (wantsEventStream(request)) return this.receipts.follow(request, reply);
      return answer(reply, this.receipts.receipt(request));
    }
  }
  return EntityController;
}

async function answer(reply: FastifyReply, answered: Promise<CommandReply>): Promise<void> {
  const { status, headers, body } = await answered;
  await reply.status(status).headers(headers).send(body);
}
