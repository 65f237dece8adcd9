import { stateTopic } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { Json } from '#libs/core/json.js';
import { publicState } from '#libs/core/public-state.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { compareRows } from './compare-rows.js';
import type { Drift } from './drift.js';
import type { Pace } from './pace.js';
import { isPassedOver } from '../reconciler/passed-over.js';
import { retell, type RetoldStream } from './retold-stream.js';
import { isSameJson } from './same-json.js';
import { readShown, type ShownEntity } from './shown-entity.js';
import { stateHash } from './state-hash.js';
import type { LatestState } from './state-ledger.js';
import type { ProvenCategory, StateProofDependencies } from './state-proof.dependencies.js';

/** The comparison of an entity with its stream. */
export interface Inspection {
  readonly drift: readonly Drift[];
  /** Views to be rebuilt, and whether the entity has to reload, or has to be started. */
  readonly views: readonly AnyView[];
  readonly entity: 'reload' | 'start' | undefined;
  /** Revision that the stream is known to have. */
  readonly head: number;
  /**
   * Whether a running entity answered, or may be running and did not, and the number of rows
   * compared.
   */
  readonly isLive: boolean;
  readonly isSilent: boolean;
  readonly rows: ReadonlyMap<AnyView, number>;
}

/**
 * Compares the state of the running entity, the rows of each view, and the latest state on the
 * topic, if given, with the stream. Each is compared at its own revision, and the stream is read
 * after them, so that mere lag is never reported as an error.
 */
export async function inspectEntity(
  dependencies: StateProofDependencies,
  category: ProvenCategory,
  stream: string,
  { pace, latest }: { readonly pace: Pace; readonly latest?: LatestState | undefined },
): Promise<Inspection> {
  const { decider, views } = category;
  const { live, pool, store } = dependencies;
  const answer = await live.fold(stream);
  const isSilent = answer === 'silent';
  const held = typeof answer === 'object' ? answer : undefined;
  const fold = held?.stateVersion === decider.stateVersion ? held : undefined;
  const shown = await readShown(pool, views, stream, pace);
  const published = latest?.stateVersion === decider.stateVersion ? latest : undefined;
  const mayMiss = answer === undefined && decider.mustRun !== undefined;
  const entity = [...[fold, published].flatMap((one) => one?.revision ?? []), ...(mayMiss ? [Infinity] : [])];
  const told = await retell(store, decider, stream, { entity, views: shown }, pace);
  const rows = new Map(shown.map((one) => [one.view, countRows(one)]));
  const nothing = {
    views: [],
    entity: undefined,
    head: told.head,
    isLive: fold !== undefined,
    isSilent,
    rows,
  };
  const broken = told.broken ?? contradicted(told, fold, shown);
  if (broken !== undefined) return { ...nothing, drift: [{ kind: 'stream', stream, detail: broken }] };
  const ofEntity = fold ? await compareEntity(stream, told, fold, pace) : findMissing(decider, stream, told);
  const ofTopic = published ? comparePublished(category, stream, told, published) : [];
  const ofViews: { readonly view: AnyView; readonly drift: readonly Drift[] }[] = [];
  for (const one of shown) {
    ofViews.push({ view: one.view, drift: await compareView(dependencies, stream, told, one, pace) });
  }
  return {
    ...nothing,
    drift: [...ofEntity, ...ofTopic, ...ofViews.flatMap(({ drift }) => drift)],
    views: ofViews.filter(({ drift }) => drift.length > 0).map(({ view }) => view),
    entity: ofEntity.length === 0 ? undefined : fold ? 'reload' : 'start',
  };
}

/**
 * Two or more witnesses have another history, and none has this one: the stream was rewritten
 * together with its hashes.
 */
function contradicted(told: RetoldStream, fold: Fold | undefined, shown: readonly ShownEntity[]) {
  const witnesses = [...(fold ? [fold] : []), ...shown].flatMap(({ revision, hash }) => {
    return revision < 0 || hash === undefined ? [] : [{ revision, hash }];
  });
  const beyond = witnesses.filter(({ revision }) => revision > told.head);
  if (witnesses.length < 2) return undefined;
  if (beyond.length === witnesses.length)
    return `it ends at revision ${told.head}, but everything derived from it has more`;
  const agreeing = witnesses.some(({ revision, hash }) => told.hashes.get(revision) === hash);
  return agreeing ? undefined : 'everything derived from it has another history: the stream was rewritten';
}

/** That an entity has no workflow and must have one. Only then its last state is known. */
function findMissing({ mustRun }: AnyDecider, stream: string, { states }: RetoldStream): readonly Drift[] {
  const last = states.get(Infinity);
  const isMissing = last !== undefined && mustRun?.(last) === true;
  return isMissing ? [{ kind: 'entity', stream, detail: 'it is open, and has no workflow' }] : [];
}

async function compareEntity(
  stream: string,
  told: RetoldStream,
  { revision, hash, state }: Fold,
  pace: Pace,
): Promise<readonly Drift[]> {
  const expected = told.states.get(revision);
  const detail = await differenceOf(told, { revision, hash, state }, expected, pace);
  return detail === undefined ? [] : [{ kind: 'entity', stream, detail }];
}

/** Whether the topic shows the same as the route of the entity, for the same event. */
function comparePublished(
  { category, present }: ProvenCategory,
  stream: string,
  { states }: RetoldStream,
  { revision, hash, digest }: LatestState,
): readonly Drift[] {
  const state = states.get(revision);
  const { id } = parseStreamName(stream) ?? {};
  if (state === undefined || id === undefined) return [];
  const shown = publicState(id, present, { state, revision, ...(hash !== undefined && { hash }) });
  // As serialised: without undefined values.
  if (stateHash(JSON.parse(JSON.stringify(shown)) as Json) === digest) return [];
  const detail = `at revision ${revision} the state differs`;
  return [{ kind: 'topic', stream, where: stateTopic(category), detail }];
}

async function compareView(
  dependencies: StateProofDependencies,
  stream: string,
  told: RetoldStream,
  { view, revision, hash, state, isParked, rows }: ShownEntity,
  pace: Pace,
): Promise<readonly Drift[]> {
  const where = viewKey(view);
  const fold = told.folds.get(view);
  // The view can fold what this program cannot, so it has another version.
  if (!fold || fold.parked.length > 0) return [];
  const next = told.nextEvents.get(view);
  const drift: Drift[] = [];
  if (revision >= 0) {
    const expected = fold.entities.get(stream)?.state;
    const detail = await differenceOf(told, { revision, hash, state }, expected, pace);
    if (detail !== undefined) drift.push({ kind: 'view', stream, where, detail });
  }
  for (const [table, actual] of rows) {
    if (table.owner === undefined) continue;
    const expected = fold.rows.get(table)?.values() ?? [];
    const { details } = await compareRows(table, expected, actual, pace);
    for (const detail of details) drift.push({ kind: 'row', stream, where: table.name, detail });
  }
  if (next && !isParked && drift.length === 0 && (await isPassedOver(dependencies, view, next))) {
    drift.push({ kind: 'record', stream, where, detail: `revision ${next.revision} was skipped` });
  }
  return drift;
}

async function differenceOf(
  told: RetoldStream,
  { revision, hash, state: actual }: Pick<ShownEntity, 'revision' | 'hash' | 'state'>,
  expected: Json | undefined,
  pace: Pace,
): Promise<string | undefined> {
  if (revision > told.head) return `revision ${revision} is beyond the stream, which ends at ${told.head}`;
  const stands = `at revision ${revision}`;
  if (hash !== undefined && told.hashes.get(revision) !== hash) return `${stands} the hash differs`;
  if (expected === undefined || actual === undefined) return undefined;
  return (await isSameJson(expected, actual, pace)) ? undefined : `${stands} the state differs`;
}

function countRows({ rows }: ShownEntity): number {
  return [...rows.values()].reduce((count, some) => count + some.length, 0);
}
