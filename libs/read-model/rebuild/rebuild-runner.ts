import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { Projector } from '../projector.js';
import { createProjectorMicroservice, type ProjectorMicroservice } from '../projector-microservice.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { groupOf } from '../consumer-group.js';
import { holdOpen, openRebuilds, type Rebuild } from './rebuild-jobs.js';
import { Throttle } from './throttle.js';
import { copyOf } from './view-copy.js';

export interface RebuildRunnerOptions {
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly views: readonly AnyView[];
  readonly groupPrefix: string;
  readonly logger: Logger;
}

interface Filling {
  readonly microservice: ProjectorMicroservice;
  readonly throttle: Throttle;
  readonly stopping: AbortController;
  readonly groupId: string;
}

/**
 * Rebuilds views next to the serving ones, as long as their rebuilds are open, with the same
 * projection in a separate consumer group. It resumes from the offsets in PostgreSQL, in any
 * process with the role.
 */
export class RebuildRunner {
  private readonly filling = new Map<number, Filling>();

  constructor(private readonly options: RebuildRunnerOptions) {}

  /** Starts new rebuilds, ends finished ones. Throws while PostgreSQL is unavailable. */
  async follow(): Promise<void> {
    const { pool, views } = this.options;
    const open = await openRebuilds(pool, views.map(viewKey));
    for (const [id, filling] of this.filling) {
      if (open.some((rebuild) => rebuild.id === id)) continue;
      this.filling.delete(id);
      await end(filling);
      await this.options.kafka.deleteGroup(filling.groupId);
    }
    for (const rebuild of open) {
      const filling = this.filling.get(rebuild.id) ?? (await this.begin(rebuild));
      if (filling) filling.throttle.perSecond = rebuild.throttle;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.filling.values()].map(end));
  }

  private async begin({ id, view: key, throttle: perSecond }: Rebuild): Promise<Filling | undefined> {
    const { kafka, pool, store, views, groupPrefix, logger } = this.options;
    const live = views.find((view) => viewKey(view) === key);
    if (!live) return undefined;
    const view = copyOf(live, 'next');
    const stopping = new AbortController();
    const throttle = new Throttle(perSecond, stopping.signal);
    const groupId = groupOf(groupPrefix, view);
    const projector = new Projector({
      ...{ view, kafka, pool, store, logger },
      pace: (records) => throttle.take(records),
      permit: (client) => holdOpen(client, id),
    });
    const topics = [eventsTopic(view.category)];
    const microservice = await createProjectorMicroservice({ kafka, groupId, topics, projector });
    const filling = { microservice, throttle, stopping, groupId };
    this.filling.set(id, filling);
    await microservice.app.listen();
    logger.info({ view: key, rebuild: id }, 'the view is rebuilt next to the one that serves');
    return filling;
  }
}

async function end({ microservice, stopping }: Filling): Promise<void> {
  stopping.abort();
  await microservice.app.close();
}
