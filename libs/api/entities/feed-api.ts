import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidRequestError, problems } from '#libs/core/problems.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import { FeedPlaceError } from '#libs/event-store/feeds/event-feed.errors.js';
import type { EventFeeds, Feed, FeedStart } from '#libs/event-store/feeds/event-feeds.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { assertVisible, entityNotFound } from './assert-visible.js';
import { callerOf } from '../http/access.js';
import { sendEventStream } from './event-stream.js';
import { pageQuery } from './page-query.js';
import { maskFor, type PersonalMask } from './personal-mask.js';
import { invalidId } from '../http/validate.js';
import { sseFrames } from '../http/sse-frames.js';
import { validateQuery } from '../http/validate.js';

/**
 * Where a feed may start: after one of its ids, at the first event (`start`) or after the last
 * (`end`).
 */
export const PLACE = /^(?:start|end|\d{1,19})$/;
/** Like `PLACE`, but may be empty: a browser that has received nothing may send an empty header. */
export const LAST_EVENT_ID = /^(?:start|end|\d{1,19})?$/;

const after = z.string().regex(PLACE, 'must be an id of this feed, `start` or `end`').optional();
const feedQuery = z.strictObject({ after });
/** The same address serves pages and feeds. A feed ignores the parameters of pages. */
const eventsQuery = pageQuery.extend({ after });

/**
 * Serves the live feeds of events as server-sent events. Throws problems only before anything is
 * sent.
 */
export class FeedApi {
  constructor(
    private readonly contract: EntityContract,
    private readonly gateway: EntityGateway,
    private readonly feeds: EventFeeds,
  ) {}

  /** The feed of one entity; its ids are revisions. */
  async ofEntity(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { id = '' } = request.params as Partial<Record<string, string>>;
    if (!isEntityId(id)) throw invalidId();
    const { name } = this.contract;
    const stream = streamName(name, id, callerOf(request).tenant);
    const { place } = eventsAsked(request);
    await assertVisible(this.gateway, this.contract, request, stream);
    const feed = await opened(place, (start) => this.feeds.ofStream(name, stream, start));
    if (!feed) throw entityNotFound(this.contract, id);
    answer(reply, feed, maskFor(this.contract, request));
  }

  /** The feed of all entities; its ids are positions in the store. */
  async ofAll(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name } = this.contract;
    const prefix = streamName(name, '', callerOf(request).tenant);
    const place = feedPlace(request);
    const feed = await opened(place, (start) => this.feeds.ofCategory(name, prefix, start));
    answer(reply, feed, maskFor(this.contract, request));
  }
}

function answer(reply: FastifyReply, feed: Feed, mask: PersonalMask | undefined): void {
  // The client may have left while the feed was being opened.
  if (reply.raw.destroyed) feed.close();
  else sendEventStream(reply, sseFrames(feed, mask), () => feed.close());
}

async function opened<F>({ start, from }: Place, open: (start: FeedStart) => Promise<F>): Promise<F> {
  try {
    return await open(start);
  } catch (error) {
    if (!(error instanceof FeedPlaceError)) throw error;
    throw badPlace(from, error.message);
  }
}

type From = 'header' | 'parameter';

interface Place {
  readonly start: FeedStart;
  /** The part of the request that gave the place. */
  readonly from: From;
}

/** The parameters of a page or feed of an entity's events. Throws a problem. */
export function eventsAsked({ headers, query }: FastifyRequest) {
  const { after, ...page } = validateQuery(eventsQuery, query);
  return { ...page, place: placeOf(after, headers) };
}

/** The parameters of the feed of all entities. Throws a problem. */
export function feedPlace({ headers, query }: FastifyRequest): Place {
  return placeOf(validateQuery(feedQuery, query).after, headers);
}

/**
 * A browser reconnects to its original address and adds the header, so the header takes precedence.
 */
function placeOf(after = 'start', headers: IncomingHttpHeaders): Place {
  const last = headers['last-event-id'];
  if (last === undefined || last === '') return { start: placeIn(after), from: 'parameter' };
  const id = String(last);
  if (!LAST_EVENT_ID.test(id)) throw badPlace('header', 'send the id of an event of this feed');
  return { start: placeIn(id), from: 'header' };
}

function placeIn(text: string): FeedStart {
  return text === 'start' || text === 'end' ? text : BigInt(text);
}

function badPlace(from: From, detail: string): Error {
  return from === 'header'
    ? new InvalidRequestError(problems.invalidHeader, [{ header: 'Last-Event-ID', detail }])
    : new InvalidRequestError(problems.invalidQuery, [{ parameter: 'after', detail }]);
}
