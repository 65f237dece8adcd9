import type { Json } from '#libs/core/json.js';
import type { EntityFold } from './batch-fold.js';
import { applyChange, type Change, changeBetween } from './state-change.js';
import { storableJson } from './storable.js';

/** Characters of JSON. A smaller state is always written completely. */
const MIN_BASE_SIZE = 4_096;
/**
 * Per entity and view; then its state is written completely. Each batch reads them all, which takes
 * some 10 ms at this number.
 */
const MAX_CHANGES = 500;

/** The stored state of an entity in a view, read at one moment. Sizes are characters of JSON. */
export interface StoredState {
  readonly revision: number;
  readonly state: Json;
  readonly baseSize: number;
  /** Changes written since the base. */
  readonly changes: number;
  readonly changesSize: number;
}

/** The columns of {@link STATE_COLUMNS}. */
export interface StateColumns {
  readonly revision: string;
  readonly base: string;
  readonly changes: number;
  readonly changed: string | null;
}

/** From `read_model.entities entity`, joined with {@link STATE_JOIN}. */
export const STATE_COLUMNS = 'entity.revision, entity.base::text AS base, since.changes, since.changed';
export const STATE_JOIN = `LEFT JOIN LATERAL (
    SELECT count(*)::integer AS changes, string_agg(change::text, ',' ORDER BY revision) AS changed
    FROM read_model.entity_changes WHERE view = entity.view AND stream = entity.stream
  ) since ON true`;

/** The state that results from a base and the changes since. */
export function readState({ revision, base, changes, changed }: StateColumns): StoredState {
  const since = JSON.parse(`[${changed ?? ''}]`) as readonly Change[];
  const state = since.reduce(applyChange, JSON.parse(base) as Json);
  return {
    revision: Number(revision),
    state,
    baseSize: base.length,
    changes,
    changesSize: changed?.length ?? 0,
  };
}

/**
 * What is written of a large state that changed a little. `json` is null if the state is unchanged.
 */
export interface StateChange {
  /** The revision of the state that it changes. */
  readonly from: number;
  readonly json: string | null;
}

/**
 * The change of a fold since it was read. Undefined if its state has to be written completely: it
 * is small or new, or its changes take as much space as a whole state, since each reader reads them
 * all.
 */
export function changeOf({ stored, state }: EntityFold): StateChange | undefined {
  if (!stored || stored.baseSize < MIN_BASE_SIZE) return undefined;
  const from = stored.revision;
  const change = changeBetween(stored.state, state);
  if (!change) return { from, json: null };
  const json = storableJson(change);
  const isFull = stored.changes >= MAX_CHANGES || stored.changesSize + json.length >= stored.baseSize;
  return isFull ? undefined : { from, json };
}
