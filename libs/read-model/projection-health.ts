import type { Pool } from 'pg';
import { Gauge } from 'prom-client';
import { eventsTopic } from '#contracts/entity-contract.js';
import { errorText } from '#libs/core/error-text.js';
import type { Kafka, Watermarks } from '#libs/kafka/kafka.js';
import type { KafkaBatchServer } from '#libs/kafka/kafka-batch.server.js';
import type { Projector } from './projector.js';
import { countParked, loadProgress, nextOffsets } from './view-standing.js';
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
  /** Whether it is read apart from the other views of the service, not to hold them up. */
  readonly isApart: boolean;
}

/** What maintains a view at present. */
export interface ViewSource {
  readonly server: KafkaBatchServer;
  readonly projector: Projector;
  readonly isApart: boolean;
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

/** A view that this process maintains, and what is known of its progress. */
class WatchedView {
  lag: number | undefined;
  lastProgressAt: number | undefined;
  parkedEntities = 0;
  failure: string | undefined;
  private readonly startedAt = Date.now();

  constructor(
    readonly view: AnyView,
    private source: ViewSource,
  ) {}

  /** Its lag has to be measured again, and its last progress counts on. */
  movedTo(source: ViewSource): void {
    this.source = source;
    this.lag = undefined;
  }

  health(stalledMilliseconds: number): ProjectionHealth {
    const { lag, parkedEntities, lastProgressAt } = this;
    const failure = this.source.server.consumerStatus()?.failure ?? this.failure;
    const state = this.state(stalledMilliseconds);
    const { isApart } = this.source;
    return { view: viewKey(this.view), state, lag, lastProgressAt, parkedEntities, failure, isApart };
  }

  /** Records what was measured, or why it could not be. */
  note(watermarks: Watermarks, { applied, parked }: ViewRows): void {
    this.failure = undefined;
    this.parkedEntities = parked;
    parkedGauge.set({ view: viewKey(this.view) }, parked);
    const assigned = this.source.server.consumerStatus()?.assigned.get(eventsTopic(this.view.category));
    if (assigned) this.lag = lagOf(assigned, watermarks, applied);
    this.noteProgress();
  }

  noteFailure(error: unknown): void {
    this.failure = errorText(error);
    this.noteProgress();
  }

  private noteProgress(): void {
    const appliedAt = this.source.projector.lastAppliedAt;
    if (this.failure === undefined && this.lag === 0) this.lastProgressAt = Date.now();
    else if (appliedAt !== undefined && appliedAt > (this.lastProgressAt ?? 0))
      this.lastProgressAt = appliedAt;
  }

  private state(stalledMilliseconds: number): ProjectionHealth['state'] {
    const isQuiet = Date.now() - (this.lastProgressAt ?? this.startedAt) > stalledMilliseconds;
    if (isQuiet) return 'stalled';
    if (this.lag === undefined) return 'starting';
    return this.lag === 0 ? 'current' : 'behind';
  }
}

/** What the tables of progress say of a view. */
interface ViewRows {
  /** The offset at which it resumes in each partition. */
  readonly applied: ReadonlyMap<number, bigint>;
  readonly parked: number;
}

/**
 * Compares the content of the topics with what the views have applied, every few seconds. Asks once
 * for each topic, and once for the progress of all views.
 */
export class ProjectionHealthWatch {
  private readonly watched = new Map<string, WatchedView>();
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<void>;
  private isClosed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly pool: Pool,
    private readonly stalledMilliseconds = STALLED_MILLISECONDS,
  ) {
    this.refreshing = this.refresh();
  }

  /** Watches a view that is maintained by this source, from now on. */
  watch(view: AnyView, source: ViewSource): void {
    const watched = this.watched.get(viewKey(view));
    if (watched) watched.movedTo(source);
    else this.watched.set(viewKey(view), new WatchedView(view, source));
  }

  /** The health of a view, or undefined if it is not watched. */
  health(view: AnyView): ProjectionHealth | undefined {
    return this.watched.get(viewKey(view))?.health(this.stalledMilliseconds);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.refreshing;
  }

  private async refresh(): Promise<void> {
    const views = [...this.watched.values()];
    try {
      if (views.length > 0) await this.measure(views);
    } catch (error) {
      for (const view of views) view.noteFailure(error);
    }
    this.refreshLater();
  }

  private refreshLater(): void {
    if (this.isClosed) return;
    const views = [...this.watched.values()];
    const isKnown = views.length > 0 && views.every(({ lag }) => lag !== undefined);
    const pause = isKnown ? REFRESH_MILLISECONDS : FIRST_REFRESH_MILLISECONDS;
    this.timer = setTimeout(() => {
      this.refreshing = this.refresh();
    }, pause);
  }

  private async measure(views: readonly WatchedView[]): Promise<void> {
    const keys = views.map(({ view }) => viewKey(view));
    const [progress, parked] = await Promise.all([
      loadProgress(this.pool, keys),
      countParked(this.pool, keys),
    ]);
    const topics = new Set(views.map(({ view }) => eventsTopic(view.category)));
    await Promise.all(
      [...topics].map(async (topic) => {
        const ofTopic = views.filter(({ view }) => eventsTopic(view.category) === topic);
        try {
          const watermarks = await this.kafka.watermarks(topic);
          for (const each of ofTopic) {
            const key = viewKey(each.view);
            const applied = nextOffsets(progress.filter(({ view }) => view === key));
            each.note(watermarks, { applied, parked: parked.get(key) ?? 0 });
          }
        } catch (error) {
          for (const each of ofTopic) each.noteFailure(error);
        }
      }),
    );
  }
}

function lagOf(
  assigned: ReadonlyMap<number, bigint | undefined>,
  watermarks: Watermarks,
  applied: ReadonlyMap<number, bigint>,
): number {
  let lag = 0n;
  for (const [partition, polled] of assigned) {
    const { low = 0n, high = 0n } = watermarks.get(partition) ?? {};
    const found = applied.get(partition) ?? -1n;
    const stored = found < 0n ? low : found;
    // Newer polls may be past markers that no batch covers.
    const next = polled !== undefined && polled > stored ? polled : stored;
    if (high > next) lag += high - next;
  }
  return Number(lag);
}
