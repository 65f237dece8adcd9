import type { EntityContract } from '#contracts/entity-contract.js';
import type { TimelineItem } from '#contracts/timeline.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Present } from '#libs/core/public-state.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';

/** An entity whose timeline is told. */
export interface ShownEntity {
  readonly contract: EntityContract;
  readonly decider: AnyDecider;
  readonly present: Present;
  readonly isFlow?: true;
}

/** One page of a timeline, as its parts are asked for it. */
export interface AskedTimeline {
  readonly entity: ShownEntity;
  readonly id: string;
  readonly stream: string;
  readonly now: Timestamp;
  /** The events of the page. */
  readonly events: readonly RecordedEvent[];
  /** Before the first of them. */
  readonly before: Fold;
  /** After the last event of the stream. */
  readonly latest: Fold;
}

/** A part of a timeline. What it throws is named in the answer, which lacks the part. */
export interface TimelineSource {
  readonly name: string;
  items(asked: AskedTimeline): Promise<readonly TimelineItem[]>;
}
