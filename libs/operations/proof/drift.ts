/**
 * What differs from its stream.
 *
 * `stream`: the stream itself was changed, or lost events; `topic`: the topic differs from the
 * stream. Neither is ever healed automatically: both need an operator. `record`: a view skipped an
 * event. `view`: what a view stores for an entity in addition to its rows (revision, hash, state).
 * `row`: a row. `entity`: the state of a running entity, or that one does not run which must.
 */
export type DriftKind = 'stream' | 'topic' | 'record' | 'view' | 'row' | 'entity';

/** One difference. */
export interface Drift {
  readonly kind: DriftKind;
  readonly stream: string;
  /** The view, the table or the topic. Absent if the kind says it all. */
  readonly where?: string;
  readonly detail: string;
}

/** A difference, and whether it has been healed. */
export interface FoundDrift extends Drift {
  readonly healed: boolean;
}
