/**
 * Where something is not what its stream says.
 *
 * `stream`: the stream itself was changed, or lost events; `topic`: the topic does not hold what the stream holds. Neither is
 * ever healed: both are work for a person. `record`: a view passed an event over. `view`: what a view keeps of an entity beside
 * its rows (revision, hash, state). `row`: a row. `entity`: what a running entity believes.
 */
export type DriftKind = 'stream' | 'topic' | 'record' | 'view' | 'row' | 'entity';

/** One difference. */
export interface Drift {
  readonly kind: DriftKind;
  readonly stream: string;
  /** The view, the table or the topic; absent where the kind says it all. */
  readonly where?: string;
  readonly detail: string;
}

/** A difference, and whether it is gone by now. */
export interface FoundDrift extends Drift {
  readonly healed: boolean;
}
