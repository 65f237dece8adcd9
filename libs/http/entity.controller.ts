import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type CommandContract, type EntityContract, routeOf } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/decider/entity-id.js';
import type { JsonObject } from '#libs/decider/json.js';
import { derivedEntityId, freshCommandId } from '#libs/entity-client/command-id.js';
import type { EntityGateway } from '#libs/entity-client/entity-gateway.js';
import { decodeCursor, encodeCursor, toPage } from '#libs/read-model/page.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { callerOf } from './caller.js';
import { commandHeaders } from './command-headers.js';
import { acceptedForLater, type CommandReply, linksOf, outcomeReply } from './command-reply.js';
import { etagOf, isNoneMatch } from './etag.js';
import { toEventBody } from './event-body.js';
import { cursorParameter, limitParameter } from './page-query.js';
import { invalidId, requestProblem } from './request-problems.js';
import { toEnvelope } from './to-envelope.js';
import { validateBody, validateQuery } from './validate.js';

/** The token under which an entity's gateway is provided. */
export function gatewayToken(contract: EntityContract): string {
  return `${contract.name} gateway`;
}

/** Ids of commands: UUIDs of ours, `<saga>/<step>` of sagas. */
const COMMAND_ID = /^[A-Za-z0-9._~@:/-]{1,300}$/;

const eventsQuery = z.strictObject({ limit: limitParameter, cursor: cursorParameter });

/**
 * The routes every entity has, out of its contract: its public commands, live state, events and receipts. `present` makes
 * the contract's view of a state.
 */
export function createEntityController(contract: EntityContract, present: (state: never) => object): Type {
  const commands = new Map(
    Object.entries(contract.commands)
      .filter(([, { visibility }]) => visibility === 'public')
      .map(([type, command]) => [routeOf(type), { type, command }] as const),
  );
  const creating = [...commands.values()].find(({ command }) => command.creates);

  @Controller(`v1/${contract.plural}`)
  class EntityController {
    constructor(@Inject(gatewayToken(contract)) private readonly gateway: EntityGateway) {}

    @Post()
    @HttpCode(202)
    async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
      if (!creating) throw requestProblem('ROUTE.NOT_FOUND', 'this collection makes no ids');
      const { idempotencyKey } = commandHeaders(request.headers);
      const { tenant, id: caller } = callerOf(request);
      const id =
        idempotencyKey === undefined
          ? freshCommandId()
          : derivedEntityId({ tenant, caller, key: idempotencyKey }, contract.name);
      return this.execute(request, reply, id, creating.type, creating.command);
    }

    // A route for each command, not one with a parameter: what is no command is then no address.
    @Post([...commands.keys()].map((route) => `:id/${route}`))
    @HttpCode(202)
    async command(
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
      @Param('id') id: string,
    ) {
      const route = request.routeOptions.url?.split('/').at(-1) ?? '';
      const found = commands.get(route);
      if (!found) throw requestProblem('ROUTE.NOT_FOUND', 'there is no such command');
      return this.execute(request, reply, id, found.type, found.command);
    }

    @Get(':id')
    async state(
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
      @Param('id') id: string,
    ) {
      const live = await this.gateway.state(this.streamOf(request, id));
      if (!live) throw notFound(contract, id);
      const etag = etagOf(live.revision);
      reply.header('etag', etag);
      if (!isNoneMatch(request.headers['if-none-match'], etag)) {
        reply.status(304);
        return;
      }
      return { id, ...present(live.state as never), revision: live.revision };
    }

    @Get(':id/events')
    async events(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown) {
      const { limit, cursor } = validateQuery(eventsQuery, query);
      const from = cursor === undefined ? 0 : revisionAfter(cursor);
      const stream = this.streamOf(request, id);
      const found = await this.gateway.events(stream, { from, limit: limit + 1 });
      if (found.length === 0 && from === 0) throw notFound(contract, id);
      return toPage(found.map(toEventBody), limit, ({ revision }) => encodeCursor(String(revision)));
    }

    @Get(':id/commands/:commandId')
    async receipt(
      @Req() request: FastifyRequest,
      @Param('id') id: string,
      @Param('commandId') commandId: string,
    ) {
      const stream = this.streamOf(request, id);
      const receipt = COMMAND_ID.test(commandId) ? await this.gateway.receipt(stream, commandId) : undefined;
      if (!receipt) throw requestProblem('COMMAND.NOT_FOUND', `the ${contract.name} knows no such command`);
      return { id, ...receipt, links: linksOf(contract, id, commandId) };
    }

    private async execute(
      request: FastifyRequest,
      reply: FastifyReply,
      id: string,
      type: string,
      command: CommandContract,
    ): Promise<unknown> {
      const stream = this.streamOf(request, id);
      const headers = commandHeaders(request.headers);
      const data = validateBody(command.schema, request.body === undefined ? {} : request.body) as JsonObject;
      const envelope = toEnvelope(request, callerOf(request), stream, headers, type, data);
      const links = linksOf(contract, id, envelope.commandId);
      const { waitSeconds, preferenceApplied } = headers;
      if (preferenceApplied !== undefined) reply.header('preference-applied', preferenceApplied);
      if (waitSeconds === undefined) {
        await this.gateway.send(stream, envelope);
        return answer(reply, acceptedForLater(id, envelope.commandId, links));
      }
      const receipt = await this.gateway.execute(stream, envelope, waitSeconds * 1_000);
      if (receipt.status === 'pending') return answer(reply, acceptedForLater(id, envelope.commandId, links));
      const creates = command.creates === true;
      return answer(reply, outcomeReply(contract, { stream, id, creates }, receipt, links));
    }

    private streamOf(request: FastifyRequest, id: string): string {
      if (isEntityId(id)) return streamName(contract.name, id, callerOf(request).tenant);
      throw invalidId();
    }
  }

  return EntityController;
}

function answer(reply: FastifyReply, { status, headers, body }: CommandReply): unknown {
  reply.status(status).headers(headers);
  return body;
}

function notFound({ name }: EntityContract, id: string) {
  return requestProblem('ENTITY.NOT_FOUND', `there is no ${name} ${id}`);
}

function revisionAfter(cursor: string): number {
  const revision = Number(decodeCursor(cursor));
  if (Number.isSafeInteger(revision) && revision >= 0) return revision + 1;
  throw new InvalidCursorError('the cursor is none of this list');
}
