import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Policy } from '#contracts/access.js';
import { type EntityContract, type PublicCommandContract, routeOf } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { type Present, publicState } from '#libs/core/public-state.js';
import { derivedEntityId, freshCommandId } from '#libs/entity/gateway/command-id.js';
import { type CommandDoor, type EntityGateway, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import type { FeedStart } from '#libs/event-store/feeds/event-feeds.js';
import { decodeCursor, encodeCursor, toPage } from '#libs/read-model/page.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { assertVisible, entityNotFound } from './assert-visible.js';
import { callerOf, onlyForIn } from '../http/access.js';
import { admitFields } from './admitted-fields.js';
import { closingOf } from '../http/closing.js';
import { completingDoor, type Completions } from './completing-door.js';
import { commandPlace } from './command-place.js';
import { commandHeaders } from './command-headers.js';
import { acceptedForLater, type CommandReply, linksOf, outcomeReply } from './command-reply.js';
import { consistencyTokenOf } from './consistency-token.js';
import { etagOf, isNoneMatch } from '../http/etag.js';
import { toEventBody } from './event-body.js';
import { eventsAsked, feedPlace } from './feed-api.js';
import type { LiveProgress } from './live-progress.js';
import { noQuery } from './page-query.js';
import type { PastApi } from './past-api.js';
import { invalidId } from '../http/validate.js';
import { toEnvelope } from './to-envelope.js';
import { givenBody, validateQuery } from '../http/validate.js';

/**
 * With `Accept: text/event-stream`, `GET /v1/accounts/events` is the feed of all accounts.
 * Otherwise it is the state of the account named `events`.
 */
export const FEED_OF_ALL = 'events';
/** No stream reaches this revision, so no event can follow it. */
const MOST_REVISION = 10n ** 15n;

interface CommandRoute {
  readonly type: string;
  readonly command: PublicCommandContract;
}

type CommandRoutes = ReadonlyMap<string, CommandRoute>;

/** The public commands of a contract, by the last segment of their routes. */
export function commandRoutes({ commands }: EntityContract): CommandRoutes {
  return new Map(
    Object.entries(commands).flatMap(([type, command]) => {
      return command.visibility === 'public' ? [[routeOf(type), { type, command }] as const] : [];
    }),
  );
}

/** Who may send the command that a request is routed to. */
export function commandPolicy(routes: CommandRoutes, request: FastifyRequest): Policy {
  return routeIn(routes, request).command.allow;
}

/** The last segment names the command. The collection stands for the one that creates an entity. */
function routeIn(routes: CommandRoutes, { routeOptions: { url = '' } }: FastifyRequest): CommandRoute {
  const route = url.includes(':id')
    ? routes.get(url.split('/').at(-1) ?? '')
    : [...routes.values()].find(({ command }) => command.creates);
  if (!route) throw new ProblemError(problems.routeNotFound, 'there is no such command');
  return route;
}

/**
 * Handles the requests for the routes of an entity, as its contract declares them. Throws problems.
 */
export class EntityApi {
  private readonly routes: CommandRoutes;
  private readonly door: CommandDoor;

  constructor(
    private readonly contract: EntityContract,
    private readonly gateway: EntityGateway,
    private readonly present: Present,
    complete: Completions | undefined,
    private readonly live?: LiveProgress,
    /** If absent, only the live state is answered. */
    private readonly past?: PastApi,
  ) {
    this.routes = commandRoutes(contract);
    this.door = completingDoor(gateway, { [contract.name]: complete });
  }

  async command(request: FastifyRequest): Promise<CommandReply> {
    const { type, command } = routeIn(this.routes, request);
    const headers = commandHeaders(request.headers);
    const { waitSeconds, preferenceApplied, idempotencyKey } = headers;
    const id = idIn(request) ?? this.newId(request, idempotencyKey);
    const { tenant, actor } = commandPlace(request, command);
    const stream = this.streamOf(tenant, id);
    const data = givenBody(command.schema, request) as JsonObject;
    admitFields(command, data, callerOf(request));
    const envelope = { ...toEnvelope(request, stream, headers, type, data), actor };
    const { commandId } = envelope;
    const links = linksOf(this.contract, id, commandId);
    const asked = { stream, id, commandId, links, creates: command.creates === true, preferenceApplied };
    if (waitSeconds === undefined) {
      await this.door.send(stream, [envelope]);
      return acceptedForLater(asked);
    }
    // A command that is still being waited for may not be durable yet, and would be lost with this
    // process. So `execute` makes it durable when the server closes.
    const wait = waitSeconds * 1_000;
    const receipt = onlyReceipt(await this.door.execute(stream, [envelope], wait, closingOf(request)));
    return receipt.status === 'pending'
      ? acceptedForLater(asked)
      : outcomeReply(this.contract, asked, receipt);
  }

  async state(request: FastifyRequest): Promise<CommandReply> {
    const past = await this.past?.state(request);
    if (past) return past;
    const id = idIn(request) ?? '';
    const stream = this.streamOf(callerOf(request).tenant, id);
    if (id === FEED_OF_ALL) feedPlace(request);
    else validateQuery(noQuery, request.query);
    const live = await this.gateway.state(stream, onlyForIn(request));
    if (!live) throw entityNotFound(this.contract, id);
    const etag = etagOf(live.revision);
    // Live progress changes without a new revision.
    const progress = await this.live?.of(stream, live.state);
    const isNew = progress !== undefined || isNoneMatch(request.headers['if-none-match'], etag);
    const body = isNew ? { ...publicState(id, this.present, live), ...progress } : undefined;
    const token = consistencyTokenOf(stream, live.revision);
    return { status: isNew ? 200 : 304, headers: { etag, ...token }, body };
  }

  async events(request: FastifyRequest): Promise<CommandReply> {
    const id = idIn(request) ?? '';
    const stream = this.streamOf(callerOf(request).tenant, id);
    const { limit, cursor, place } = eventsAsked(request);
    await assertVisible(this.gateway, this.contract, request, stream);
    const from = cursor === undefined ? firstAfter(place.start) : revisionAfter(cursor);
    if (from === undefined) return { status: 200, headers: {}, body: { data: [] } };
    const found = await this.gateway.events(stream, { from, limit: limit + 1 });
    if (found.length === 0 && from === 0) throw entityNotFound(this.contract, id);
    const body = toPage(found.map(toEventBody), limit, ({ revision }) => encodeCursor(String(revision)));
    return { status: 200, headers: {}, body };
  }

  /**
   * The id of an entity that a `POST` on the collection creates. With an idempotency key the id is
   * derived from it, so that a retry does not create a second entity.
   */
  private newId(request: FastifyRequest, key: string | undefined): string {
    const { tenant, id: caller } = callerOf(request);
    return key === undefined
      ? freshCommandId()
      : derivedEntityId({ tenant, caller, key }, this.contract.name);
  }

  private streamOf(tenant: string, id: string): string {
    if (!isEntityId(id)) throw invalidId();
    return streamName(this.contract.name, id, tenant);
  }
}

function idIn({ params }: FastifyRequest): string | undefined {
  return (params as Partial<Record<string, string>>)['id'];
}

/** The first revision after the start of a feed. Undefined if no such event can exist yet. */
function firstAfter(start: FeedStart): number | undefined {
  if (start === 'start') return 0;
  return start === 'end' || start >= MOST_REVISION ? undefined : Number(start) + 1;
}

function revisionAfter(cursor: string): number {
  const revision = decodeCursor(cursor);
  if (!/^\d{1,15}$/.test(revision)) throw new InvalidCursorError('the cursor belongs to another list');
  return Number(revision) + 1;
}
