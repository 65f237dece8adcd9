import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { groupOf, jointGroupOf } from './consumer-group.js';
import { JointProjector, type JointProjectorOptions, MOST_BEHIND } from './joint-projector.js';
import { loadOffsets, resumeAt } from './partition-offset.js';
import type { ProjectionHealthWatch } from './projection-health.js';
import { Projector } from './projector.js';
import { createProjectorMicroservice, type ProjectorMicroservice } from './projector-microservice.js';

export interface ViewConsumersOptions extends JointProjectorOptions {
  readonly views: readonly AnyView[];
  readonly groupPrefix: string;
  /** How long a view is read apart at least. Half a minute by default. */
  readonly apartMilliseconds?: number | undefined;
}

const APART_MILLISECONDS = 30_000;
/** More than a fetch has: the joint projector applies them together. */
const BATCHES_AT_ONCE = 64;

/** A view with a consumer of its own. */
interface Apart extends ProjectorMicroservice {
  readonly view: AnyView;
  readonly projector: Projector;
  readonly since: number;
}

/**
 * The consumers of a service's views: one for all views together, and one for each view that would
 * hold up the others, until it has caught up.
 */
export class ViewConsumers {
  private readonly joint: JointProjector;
  private together: ProjectorMicroservice | undefined;
  private readonly apart = new Map<string, Apart>();

  constructor(
    private readonly options: ViewConsumersOptions,
    private readonly watch: ProjectionHealthWatch,
  ) {
    this.joint = new JointProjector(options);
  }

  /** Throws while Kafka or PostgreSQL is unavailable. Can be called again then. */
  async start(): Promise<void> {
    const { kafka, pool, views, groupPrefix } = this.options;
    const lags = await Promise.all(views.map((view) => lagOf(pool, kafka, view)));
    const topics = [...new Set(views.map(({ category }) => eventsTopic(category)))];
    const groupId = jointGroupOf(groupPrefix);
    this.together = await createProjectorMicroservice({
      ...{ kafka, groupId, topics, concurrency: BATCHES_AT_ONCE },
      projector: this.joint,
    });
    for (const [index, view] of views.entries()) {
      if ((lags[index] ?? 0) <= MOST_BEHIND) this.join(view, this.together);
    }
    await this.together.app.listen();
    await this.readApart();
  }

  /** Reads these views, whose rows were exchanged, from where they are now. */
  async beginAnew(views: readonly AnyView[]): Promise<void> {
    for (const view of views) {
      this.joint.detach(view);
      await this.end(this.apart.get(viewKey(view)));
    }
    await this.readApart();
  }

  /** Reads apart what the joint consumer gave up, and together what has caught up. */
  async follow(): Promise<void> {
    const { together } = this;
    if (!together) return;
    await this.readApart();
    const returning: Apart[] = [];
    for (const apart of this.apart.values()) if (await this.hasCaughtUp(apart)) returning.push(apart);
    for (const apart of returning) {
      await this.end(apart);
      this.join(apart.view, together);
    }
    if (returning.length > 0) together.server.reposition();
  }

  async close(): Promise<void> {
    await Promise.all([
      this.together?.app.close(),
      ...[...this.apart.values()].map(({ app }) => app.close()),
    ]);
  }

  private async readApart(): Promise<void> {
    for (const view of this.options.views) {
      if (!this.joint.has(view) && !this.apart.has(viewKey(view))) await this.begin(view);
    }
  }

  private join(view: AnyView, { server }: ProjectorMicroservice): void {
    this.watch.watch(view, { server, projector: this.joint.attach(view), isApart: false });
  }

  private async begin(view: AnyView): Promise<void> {
    const { kafka, groupPrefix, logger } = this.options;
    const projector = new Projector({ ...this.options, view });
    const groupId = groupOf(groupPrefix, view);
    const topics = [eventsTopic(view.category)];
    const microservice = await createProjectorMicroservice({ kafka, groupId, topics, projector });
    this.apart.set(viewKey(view), { ...microservice, view, projector, since: Date.now() });
    this.watch.watch(view, { server: microservice.server, projector, isApart: true });
    logger.info({ view: viewKey(view) }, 'the view is read apart from the others');
    await microservice.app.listen();
  }

  private async end(apart: Apart | undefined): Promise<void> {
    if (!apart) return;
    await apart.app.close();
    this.apart.delete(viewKey(apart.view));
  }

  private async hasCaughtUp({ view, projector, server, since }: Apart): Promise<boolean> {
    const { kafka, pool, apartMilliseconds = APART_MILLISECONDS } = this.options;
    if (Date.now() - since < apartMilliseconds || server.consumerStatus()?.failure !== undefined)
      return false;
    const lag = await lagOf(pool, kafka, view);
    return lag === 0 || (lag <= MOST_BEHIND && projector.lastAppliedAt !== undefined);
  }
}

/** The offsets between where a view is and the end of its topic. */
async function lagOf(pool: Pool, kafka: Kafka, view: AnyView): Promise<number> {
  const topic = eventsTopic(view.category);
  const [stored, watermarks] = await Promise.all([
    loadOffsets(pool, viewKey(view), topic),
    kafka.watermarks(topic),
  ]);
  let lag = 0n;
  for (const [partition, marks] of watermarks) lag += marks.high - resumeAt(stored.get(partition), marks);
  return Number(lag);
}
