/** An event as proposed by a client. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as stored. `position` is its position in `$all`; `created` counts 100 ns since 1970. */
export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly created: bigint;
}

/** Data, metadata or another part of a message that is missing. */
export const NOTHING: Buffer = Buffer.alloc(0);

/** The highest possible revision: that of a tombstone, and the `$tb` of a deleted stream. */
export const LAST_REVISION = 2n ** 63n - 1n;

/** A revision or a position as received. A number beyond the highest is treated as the highest. */
export function toRevision(value: string | number | bigint): bigint {
  const revision = BigInt(value);
  return revision > LAST_REVISION ? LAST_REVISION : revision;
}

/** Of a stream without events. */
export const NO_REVISION = -1n;

/**
 * Positions are multiples of this, so that a position without an event is recognised, even that of
 * an erased one.
 */
export const POSITION_STEP = 64n;

export const METADATA_TYPE = '$metadata';
export const TOMBSTONE_TYPE = '$streamDeleted';
export const LINK_TYPE = '$>';
