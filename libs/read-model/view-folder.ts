import { DatabaseError, type PoolClient } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import type { Logger } from '#libs/runtime/logger.js';
import { BatchFold } from './batch-fold.js';
import { writeFold } from './batch-writer.js';
import { loadEntityFolds } from './entity-folds.js';
import { foldHalves } from './isolated-fold.js';
import { loadAmendments } from './parking/amendments.js';
import { type AnyView, logicalKey, viewKey } from '#libs/core/view-definition.js';
import { about } from '#libs/runtime/log-fields.js';

export interface ViewFolderOptions {
  readonly view: AnyView;
  readonly store: EventStore;
  readonly logger: Logger;
}

/**
 * Folds events into the rows of one view, in a transaction of the caller. Parks what cannot be
 * folded.
 */
export class ViewFolder {
  private readonly key: string;

  constructor(private readonly options: ViewFolderOptions) {
    this.key = viewKey(options.view);
  }

  /**
   * All events at once. If PostgreSQL refuses a row of any of them, throws an error for which
   * {@link isBadValue} is true.
   */
  async foldTogether(client: PoolClient, events: readonly PublishedEvent[]): Promise<void> {
    await writeFold(client, this.key, await this.fold(client, events));
  }

  /**
   * Parks an entity whose rows PostgreSQL refuses at the event that produces them, and writes all
   * others.
   */
  foldApart(client: PoolClient, events: readonly PublishedEvent[]): Promise<void> {
    const fold = (some: readonly PublishedEvent[]) => this.fold(client, some);
    return foldHalves({ client, view: this.key, fold, isBadValue, logger: this.options.logger }, events);
  }

  private async fold(client: PoolClient, events: readonly PublishedEvent[]): Promise<BatchFold> {
    const { view, logger } = this.options;
    const streams = [...new Set(events.map(({ stream }) => stream))];
    const entities = await loadEntityFolds(client, view, streams);
    const amendments = await loadAmendments(client, logicalKey(view), streams);
    const readMissing = (...range: [string, number, number]) => this.readMissing(...range);
    const fold = new BatchFold({ view, entities, amendments, readMissing });
    for (const event of events) await fold.add(event);
    for (const { stream, revision, reason, isCatchingUp } of fold.parked) {
      const event = fold.queued.find((one) => one.stream === stream && one.revision === revision);
      const fields = { ...about(stream, event), view: this.key, revision };
      if (isCatchingUp)
        logger.warn(fields, 'an entity lacks many events in this view and catches up separately');
      else logger.error({ ...fields, reason }, 'an entity is parked in this view');
    }
    return fold;
  }

  private async *readMissing(stream: string, from: number, before: number): AsyncGenerator<PublishedEvent> {
    const { store, logger } = this.options;
    logger.warn(
      { ...about(stream), view: this.key, from, before },
      'events are missing: reading them from the store',
    );
    for await (const event of store.read(stream, { from, limit: before - from })) {
      yield toPublishedEvent(event);
    }
  }
}

/**
 * Whether PostgreSQL refuses a value (classes 22, 23, and 54: too large for an index), as opposed
 * to being unavailable.
 */
export function isBadValue(error: unknown): boolean {
  return error instanceof DatabaseError && /^(?:2[23]|54)/.test(error.code ?? '');
}
