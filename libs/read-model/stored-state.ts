import type { Json } from '#libs/core/json.js';
import type { EntityFold } from './batch-fold.js';
import { applyChange, type Change, changeBetween } from './state-change.js';
import { storableJson } from './storable.js';

/** Characters of JSON. A state that is smaller than this is written whole each time. */
const MIN_BASE_SIZE = 4_096;
/** Of one entity in one view; then its state is written whole. Each batch reads them all: some 10 ms for so many. */
const MAX_CHANGES = 500;

/** The state of an entity in a view as it stands in the tables, read at one moment. Sizes are characters of JSON. */
export interface StoredState {
  readonly revision: number;
  readonly state: Json;
  readonly baseSize: number;
  /** Changes that were written since the base was. */
  readonly changes: number;
  readonly changesSize: number;
}

/** What {@link STATE_COLUMNS} selects. */
export interface StateColumns {
  readonly revision: string;
  readonly base: string;
  readonly changes: number;
  readonly changed: string | null;
}

/** Of `read_model.entities entity`, joined with {@link STATE_JOIN}. */
export const STATE_COLUMNS = 'entity.revision, entity.base::text AS base, since.changes, since.changed';
export const STATE_JOIN = `LEFT JOIN LATERAL (
    SELECT count(*)::integer AS changes, string_agg(change::text, ',' ORDER BY revision) AS changed
    FROM read_model.entity_changes WHERE view = entity.view AND stream = entity.stream
  ) since ON true`;

/** The state that a base and the changes since make. */
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

/** What is written of a large state that changed a little. `json` is null when the state is the same as before. */
export interface StateChange {
  /** The revision of the state that it changes. */
  readonly from: number;
  readonly json: string | null;
}

/**
 * The change of a fold since it was read. Undefined when its state has to be written whole: it is small or new, or its changes
 * take as much room as a whole state, and each reader reads them all.
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
