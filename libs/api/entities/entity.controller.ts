import { Controller, Get, Optional, Post, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Present } from '#libs/core/public-state.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { answer } from './command-reply.js';
import type { Completions } from './completing-door.js';
import { commandPolicy, commandRoutes, steers } from './command-request.js';
import { EntityApi, FEED_OF_ALL } from './entity-api.js';
import { wantsEventStream } from './event-stream.js';
import { FeedApi } from './feed-api.js';
import { LiveProgress } from './live-progress.js';
import { PastApi } from './past-api.js';
import { Allow } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';

/**
 * Makes the controller of an entity from its contract: public commands, state, and events as
 * pages and as feeds. `present` converts a state to the view of the contract, and `complete`
 * completes its commands.
 */
export function entityController(contract: EntityContract, present: Present, complete?: Completions): Type {
  const { access } = contract;
  const commands = commandRoutes(contract);
  @Controller(`v1/${contract.plural}`)
  @UseFilters(ProblemFilter)
  class EntityController {
    private readonly api: EntityApi;
    private readonly feeds: FeedApi;

    constructor(
      gateway: EntityGateway,
      feeds: EventFeeds,
      history: EntityHistory,
      @Optional() live?: LiveProgress,
    ) {
      const past = new PastApi(contract, gateway, history, present);
      this.api = new EntityApi(contract, gateway, present, complete, live, past);
      this.feeds = new FeedApi(contract, gateway, feeds);
    }

    @Allow((request) => commandPolicy(commands, request), { act: (request) => steers(commands, request) })
    @Post(pathsOf(commands))
    command(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return answer(reply, this.api.command(request));
    }

    @Allow((request) => (isFeedOfAll(request) ? access.feed : access.read))
    @Get(':id')
    state(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (isFeedOfAll(request)) return this.feeds.ofAll(request, reply);
      return answer(reply, this.api.state(request));
    }

    @Allow(access.read)
    @Get(':id/events')
    events(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      if (wantsEventStream(request)) return this.feeds.ofEntity(request, reply);
      return answer(reply, this.api.events(request));
    }
  }
  return EntityController;
}

/**
 * Each command has its own route instead of sharing one with a parameter, so that an unknown
 * command is an unknown address.
 */
function pathsOf(commands: ReturnType<typeof commandRoutes>): string[] {
  const collection = [...commands.values()].some(({ command }) => command.creates) ? [''] : [];
  return [...collection, ...[...commands.keys()].map((route) => `:id/${route}`)];
}

function isFeedOfAll(request: FastifyRequest): boolean {
  const { id } = request.params as Partial<Record<string, string>>;
  return id === FEED_OF_ALL && wantsEventStream(request);
}
