import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { OutgoingMessage, TopicMessages, TopicSpec } from '#libs/kafka/kafka.js';
import { stateTopicSpec } from '#libs/kafka/state-topic.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { RelayProgress } from './relay.js';
import { RelayGauge } from './relay-gauge.js';
import type { RelayedEvent } from './relay-source.js';
import type { RelayedEntity } from './relayed-entity.js';
import { StateFolds } from './state-folds.js';
import type { StateRefill } from './state-refill.js';
import { isAfter, type TopicEnds } from './topic-ends.js';

const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 10_000;

/** What of a category is proven and under way, from when its topics were read until a failure. */
interface Carried {
  readonly ends: TopicEnds;
  readonly refill: StateRefill;
}

/** A category that a relay carries: its folds, its progress, and whether it is in trouble. */
export class RelayedCategory {
  readonly folds: StateFolds;
  readonly gauge = new RelayGauge();
  carried: Carried | undefined;
  /** It took part in a failure of several: it is relayed apart until it has caught up. */
  isSuspect = false;
  private readonly pause = new GrowingPause(FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
  private readonly changes: ChangeLog;
  private suspended: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly entity: RelayedEntity,
    store: EventStore,
    logger: Logger,
  ) {
    this.folds = new StateFolds(entity, store, logger);
    this.changes = new ChangeLog(logger.child({ relay: name }));
  }

  get topics(): readonly TopicSpec[] {
    return [eventTopicSpec(this.name), stateTopicSpec(this.name)];
  }

  /** While set, it is left out, so that its failures do not concern the others. */
  get suspension(): Promise<void> | undefined {
    return this.suspended;
  }

  /** Leaves the category out for a while, which grows with each failure in a row. */
  suspend(error: unknown, signal: AbortSignal): void {
    this.changes.failing('the relay leaves out a category', error);
    this.isSuspect = true;
    this.suspended = this.waitFor(signal);
  }

  /** It has caught up without a failure. */
  isWell(): void {
    this.isSuspect = false;
    this.pause.reset();
    this.changes.well();
  }

  /** The states after these events of this category. Those of earlier events are filled in. */
  async statesAfter(events: readonly RelayedEvent[]): Promise<readonly OutgoingMessage[]> {
    const last = events.at(-1);
    if (!this.carried || !last) return [];
    const { ends, refill } = this.carried;
    const folded = events.filter(({ position }) => isAfter(position, ends.lastState));
    return refill.statesAfter(
      folded.map(({ event }) => event),
      last.position,
    );
  }

  /** These events are on their topic. */
  relayed(events: readonly RelayedEvent[]): void {
    const last = events.at(-1);
    if (!this.carried || !last) return;
    this.carried.refill.relayed = last.position;
    this.gauge.count(events.length, last.position);
  }

  writes(events: readonly OutgoingMessage[], states: readonly OutgoingMessage[]): readonly TopicMessages[] {
    return [
      { topic: eventsTopic(this.name), messages: events },
      { topic: stateTopic(this.name), messages: states },
    ];
  }

  progress(checkpoint: bigint | undefined): RelayProgress {
    const refill = this.carried?.refill.progress();
    const failure = this.changes.current;
    return {
      ...this.gauge.progress(this.name),
      folds: this.folds.held(),
      ...(checkpoint !== undefined && { checkpoint: String(checkpoint) }),
      ...(refill && { refill }),
      ...(failure !== undefined && { failure }),
    };
  }

  private async waitFor(signal: AbortSignal): Promise<void> {
    await this.pause.wait(signal);
    this.suspended = undefined;
  }
}

/** Events by the category that they belong to. Those of other categories are left out. */
export function byCategory(
  categories: ReadonlyMap<string, RelayedCategory>,
  events: readonly RelayedEvent[],
): ReadonlyMap<RelayedCategory, readonly RelayedEvent[]> {
  const batch = new Map<RelayedCategory, RelayedEvent[]>();
  for (const event of events) {
    const category = categories.get(event.category);
    if (!category) continue;
    const others = batch.get(category);
    if (others) others.push(event);
    else batch.set(category, [event]);
  }
  return batch;
}
