import type { FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import { type Present, publicState } from '#libs/core/public-state.js';
import { type CommandDoor, type EntityGateway, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import type { FeedStart } from '#libs/event-store/feeds/event-feeds.js';
import { decodeCursor, encodeCursor, toPage } from '#libs/read-model/page.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { assertVisible, entityNotFound } from './assert-visible.js';
import { callerOf, onlyForIn } from '../http/access.js';
import { type CommandRoutes, commandRoutes, idIn, readCommand } from './command-request.js';
import { closingOf } from '../http/closing.js';
import { completingDoor, type Completions } from './completing-door.js';
import { commandTimes } from './command-times.js';
import { acceptedForLater, type CommandReply, linksOf, outcomeReply } from './command-reply.js';
import { consistencyTokenOf } from './consistency-token.js';
import { etagOf, isNoneMatch } from '../http/etag.js';
import { toEventBody } from './event-body.js';
import { eventsAsked, feedPlace } from './feed-api.js';
import type { LiveProgress } from './live-progress.js';
import { noQuery } from './page-query.js';
import type { PastApi } from './past-api.js';
import { maskFor, presentThrough } from './personal-mask.js';
import { invalidId } from '../http/validate.js';
import { validateQuery } from '../http/validate.js';

/**
 * With `Accept: text/event-stream`, `GET /v1/accounts/events` is the feed of all accounts.
 * Otherwise it is the state of the account named `events`.
 */
export const FEED_OF_ALL = 'events';
/** No stream reaches this revision, so no event can follow it. */
const MOST_REVISION = 10n ** 15n;

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
    const { id, stream, command, envelope, headers } = readCommand(this.contract, this.routes, request);
    const { waitSeconds, preferenceApplied } = headers;
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
    const startedAt = performance.now();
    const receipt = onlyReceipt(await this.door.execute(stream, [envelope], wait, closingOf(request)));
    commandTimes.add(performance.now() - startedAt);
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
    const present = presentThrough(maskFor(this.contract, request), this.present);
    const body = isNew ? { ...publicState(id, present, live), ...progress } : undefined;
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
    const mask = maskFor(this.contract, request);
    const shown = mask ? found.map((event) => mask.event(event)) : found;
    const body = toPage(shown.map(toEventBody), limit, ({ revision }) => encodeCursor(String(revision)));
    return { status: 200, headers: {}, body };
  }

  private streamOf(tenant: string, id: string): string {
    if (!isEntityId(id)) throw invalidId();
    return streamName(this.contract.name, id, tenant);
  }
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
