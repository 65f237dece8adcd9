import type { Pool } from 'pg';
import { Gauge } from 'prom-client';
import { eventsTopic } from '#contracts/entity-contract.js';
import { errorText } from '#libs/core/error-text.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { loadOffsets } from './partition-offset.js';
import type { ProjectorMicroservice } from './projector-microservice.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';

/** The health of a view, judged by its progress: a live process that does nothing is `stalled`. */
export interface ProjectionHealth {
  readonly view: string;
  readonly state: 'starting' | 'current' | 'behind' | 'stalled';
  /**
   * Records of the assigned partitions that are not applied yet (a few may be transaction markers).
   */
  readonly lag: number | undefined;
  /**
   * Time of the last progress in milliseconds since 1970: a batch applied, or nothing left to
   * apply.
   */
  readonly lastProgressAt: number | undefined;
  readonly parkedEntities: number;
  readonly failure: string | undefined;
}

const REFRESH_MILLISECONDS = 5_000;
/** Until the first answer: a service is ready only when it knows the state of its views. */
const FIRST_REFRESH_MILLISECONDS = 200;
const STALLED_MILLISECONDS = 30_000;

const parkedGauge = new Gauge({
  name: 'perdure_view_parked_entities',
  help: 'Entities that a view could not fold further',
  labelNames: ['view'],
});

/** Compares the content of the topic with what the view has applied, every few seconds. */
export class ProjectionHealthWatch {
  private lag: number | undefined;
  private lastProgressAt: number | undefined;
  private parkedEntities = 0;
  private failure: string | undefined;
  private readonly startedAt = Date.now();
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<void>;
  private isClosed = false;

  constructor(
    private readonly view: AnyView,
    private readonly kafka: Kafka,
    private readonly pool: Pool,
    private readonly microservice: ProjectorMicroservice,
    private readonly stalledMilliseconds = STALLED_MILLISECONDS,
  ) {
    this.refreshing = this.refresh();
  }

  health(): ProjectionHealth {
    const { lag, parkedEntities, lastProgressAt } = this;
    const failure = this.microservice.server.consumerStatus()?.failure ?? this.failure;
    return { view: viewKey(this.view), state: this.state(), lag, lastProgressAt, parkedEntities, failure };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.refreshing;
  }

  private state(): ProjectionHealth['state'] {
    const isQuiet = Date.now() - (this.lastProgressAt ?? this.startedAt) > this.stalledMilliseconds;
    if (isQuiet) return 'stalled';
    if (this.lag === undefined) return 'starting';
    return this.lag === 0 ? 'current' : 'behind';
  }

  private async refresh(): Promise<void> {
    try {
      await this.measure();
      this.failure = undefined;
    } catch (error) {
      this.failure = errorText(error);
    }
    const appliedAt = this.microservice.projector.lastAppliedAt;
    if (this.failure === undefined && this.lag === 0) this.lastProgressAt = Date.now();
    else if (appliedAt !== undefined && appliedAt > (this.lastProgressAt ?? 0))
      this.lastProgressAt = appliedAt;
    this.refreshLater();
  }

  private refreshLater(): void {
    if (this.isClosed) return;
    const pause = this.lag === undefined ? FIRST_REFRESH_MILLISECONDS : REFRESH_MILLISECONDS;
    this.timer = setTimeout(() => {
      this.refreshing = this.refresh();
    }, pause);
  }

  private async measure(): Promise<void> {
    const topic = eventsTopic(this.view.category);
    const assigned = this.microservice.server.consumerStatus()?.assigned.get(topic);
    const [watermarks, applied] = await Promise.all([
      this.kafka.watermarks(topic),
      loadOffsets(this.pool, viewKey(this.view), topic),
    ]);
    this.parkedEntities = await this.countParked();
    parkedGauge.set({ view: viewKey(this.view) }, this.parkedEntities);
    if (!assigned) return;
    let lag = 0n;
    for (const [partition, polled] of assigned) {
      const { low = 0n, high = 0n } = watermarks.get(partition) ?? {};
      const stored = applied.get(partition) ?? low;
      // Newer polls may be past markers that no batch covers.
      const next = polled !== undefined && polled > stored ? polled : stored;
      if (high > next) lag += high - next;
    }
    this.lag = Number(lag);
  }

  private async countParked(): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(
      'SELECT count(*) FROM read_model.parked_entities WHERE view = $1',
      [viewKey(this.view)],
    );
    return Number(rows[0]?.count ?? 0);
  }
}
