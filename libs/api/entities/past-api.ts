import type { FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import { changesBetween } from '#libs/core/json-diff.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { type Present, publicState } from '#libs/core/public-state.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { explained } from '#libs/entity/gateway/origins.js';
import type { PlaceInPast } from '#libs/entity/gateway/retelling.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { callerOf } from '../http/access.js';
import { etagOf, isNoneMatch } from '../http/etag.js';
import { invalidId, validateQuery } from '../http/validate.js';
import { assertVisible, entityNotFound } from './assert-visible.js';
import type { CommandReply } from './command-reply.js';
import { consistencyTokenOf } from './consistency-token.js';
import { maskFor, type PersonalMask, presentThrough } from './personal-mask.js';
import { diffQuery, placeIn, stateQuery, whyQuery } from './past-query.js';

/** An entity that the caller may read, and how it is shown to it. */
interface Visible {
  readonly id: string;
  readonly stream: string;
  readonly mask: PersonalMask | undefined;
  readonly present: Present;
}

/** The most values that one answer explains. */
const MOST_EXPLAINED = 1_000;

/**
 * Answers what an entity was, what changed, and why, from its stream. Who may read the live state
 * may read these, and sees what it shows. Throws problems.
 */
export class PastApi {
  constructor(
    private readonly contract: EntityContract,
    private readonly gateway: EntityGateway,
    private readonly history: EntityHistory,
    private readonly present: Present,
  ) {}

  /** The state at a place in the past; undefined if the request does not name one. */
  async state(request: FastifyRequest): Promise<CommandReply | undefined> {
    const { revision, at } = request.query as Readonly<Record<string, unknown>>;
    if (revision === undefined && at === undefined) return undefined;
    const place = placeIn(validateQuery(stateQuery, request.query));
    const { id, stream, present } = await this.visible(request);
    const fold = await this.fold(id, stream, place);
    const etag = etagOf(fold.revision);
    const isNew = isNoneMatch(request.headers['if-none-match'], etag);
    const body = isNew ? publicState(id, present, fold) : undefined;
    const headers = { etag, ...consistencyTokenOf(stream, fold.revision) };
    return { status: isNew ? 200 : 304, headers, body };
  }

  async diff(request: FastifyRequest): Promise<CommandReply> {
    const { from, to } = validateQuery(diffQuery, request.query);
    const visible = await this.visible(request);
    // The earlier one first: the later one is read on from there.
    const early = await this.shown(visible, Math.min(from, to));
    const late = await this.shown(visible, Math.max(from, to));
    const [before, after] = from <= to ? [early, late] : [late, early];
    const changes = changesBetween(before.view, after.view);
    return { status: 200, headers: {}, body: { from: before.point, to: after.point, changes } };
  }

  async why(request: FastifyRequest): Promise<CommandReply> {
    const { revision, path = '' } = validateQuery(whyQuery, request.query);
    const { id, stream, mask } = await this.visible(request);
    const place = placeIn({ revision });
    const told = (await this.history.origins(stream, place)) ?? (await this.missing(id, stream, place));
    const all = explained(mask?.view(told.view) ?? told.view, told.origins, path);
    const fields = all.slice(0, MOST_EXPLAINED);
    const omitted = all.length - fields.length;
    const body = { ...pointOf(told.fold), fields, ...(omitted > 0 && { omitted }) };
    return { status: 200, headers: { etag: etagOf(told.fold.revision) }, body };
  }

  private async visible(request: FastifyRequest): Promise<Visible> {
    const { id = '' } = request.params as Partial<Record<string, string>>;
    if (!isEntityId(id)) throw invalidId();
    const stream = streamName(this.contract.name, id, callerOf(request).tenant);
    await assertVisible(this.gateway, this.contract, request, stream);
    const mask = maskFor(this.contract, request);
    return { id, stream, mask, present: presentThrough(mask, this.present) };
  }

  private async shown({ id, stream, present }: Visible, revision: number) {
    if (revision < 0) return { point: { revision }, view: {} };
    const fold = await this.fold(id, stream, { revision });
    return { point: pointOf(fold), view: present(fold.state as never) as JsonObject };
  }

  private async fold(id: string, stream: string, place: PlaceInPast): Promise<Fold> {
    return (await this.history.fold(stream, place)) ?? this.missing(id, stream, place);
  }

  private async missing(id: string, stream: string, place: PlaceInPast): Promise<never> {
    const [first] = await this.gateway.events(stream, { limit: 1 });
    if (!first) throw entityNotFound(this.contract, id);
    const where = 'revision' in place ? `revision ${place.revision}` : `state at ${place.at}`;
    throw new ProblemError(problems.revisionNotFound, `${this.contract.name} ${id} has no ${where}`);
  }
}

function pointOf({ revision, at }: Fold): { readonly revision: number; readonly at?: string } {
  return { revision, ...(at !== undefined && { at }) };
}
