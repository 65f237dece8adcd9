import { parseStreamName } from '#libs/core/entity-id.js';
import { viewKey } from '#libs/core/view-definition.js';
import { beginComparison, compareTopics, type TopicComparison } from './compare-topics.js';
import type { DoctorLine, DoctorReport, DoctorRequest } from './doctor.schemas.js';
import type { Drift, FoundDrift } from '../proof/drift.js';
import { countDrift } from '../proof/drift-metrics.js';
import { noteProven } from '../proof/recent-drift.js';
import { liveWhileAnswered } from './live-while-answered.js';
import { Pace, TAKING_TURNS } from '../proof/pace.js';
import { type Reconciled, reconcileEntity } from '../proof/reconcile-entity.js';
import type { ProvenCategory, StateProofDependencies } from '../proof/state-proof.dependencies.js';
import { unexplainedStreams } from './unexplained-entities.js';

/** A line of an examination, in order of occurrence. An unknown entity is not counted. */
export type ExamineLine = Extract<DoctorLine, { readonly kind: 'progress' | 'drift' | 'report' }>;

type Stage = Extract<DoctorLine, { readonly kind: 'progress' }>['stage'];

const CONCURRENCY = 4;
const PROGRESS_MILLISECONDS = 500;

/**
 * Compares streams, topics, views and running entities of every category, and heals what can be
 * healed if requested.
 */
export async function* examine(
  dependencies: StateProofDependencies,
  request: DoctorRequest,
): AsyncGenerator<ExamineLine> {
  const { stream } = request;
  const asking = { ...dependencies, live: liveWhileAnswered(dependencies.live) };
  const wanted = stream === undefined ? request.category : parseStreamName(stream)?.category;
  for (const category of dependencies.categories) {
    if (wanted !== undefined && wanted !== category.category) continue;
    yield* new Examination(asking, category, request).run();
  }
}

class Examination {
  private readonly compared: TopicComparison;
  private readonly rows = new Map<string, number>();
  private readonly found: FoundDrift[] = [];
  private entities = 0;
  private live = 0;
  private silent = 0;
  private saidAt = 0;

  constructor(
    private readonly dependencies: StateProofDependencies,
    private readonly category: ProvenCategory,
    private readonly request: DoctorRequest,
  ) {
    this.compared = beginComparison(category);
  }

  async *run(): AsyncGenerator<ExamineLine> {
    const { stream } = this.request;
    if (stream === undefined) yield* this.compareAll();
    else yield* this.compareEntities([stream]);
    yield { kind: 'report', report: this.report() };
  }

  private async *compareAll(): AsyncGenerator<ExamineLine> {
    const { compared } = this;
    for await (const drift of compareTopics(this.dependencies, this.category, compared)) {
      if (drift) yield this.note({ ...drift, healed: false });
      const isOnStore = compared.events > 0;
      yield* this.progress(isOnStore ? 'events' : 'records', isOnStore ? compared.events : compared.records);
    }
    yield* this.compareEntities([...compared.streams.keys()]);
    yield* this.findUnexplained();
  }

  private async *compareEntities(streams: readonly string[]): AsyncGenerator<ExamineLine> {
    const chosen = chooseSome(streams, this.request.sample ?? streams.length);
    for (let from = 0; from < chosen.length; from += CONCURRENCY) {
      const some = chosen.slice(from, from + CONCURRENCY);
      const done = await Promise.all(some.map((stream) => this.reconcile(stream)));
      for (const [index, { inspection, drift }] of done.entries()) {
        if (inspection.head >= 0) this.entities += 1;
        if (inspection.isLive) this.live += 1;
        if (inspection.isSilent) this.silent += 1;
        for (const [view, rows] of inspection.rows) this.countRows(viewKey(view), rows);
        for (const one of drift) if (!this.isKnown(one)) yield this.note(one);
        this.prove(some[index] ?? '', { inspection, drift });
      }
      yield* this.progress('entities', this.entities, chosen.length);
    }
  }

  /** Entities that are shown but never existed. */
  private async *findUnexplained(): AsyncGenerator<ExamineLine> {
    const { streams } = this.compared;
    const shown = new Set<string>();
    for (const view of this.category.views) {
      const found = await unexplainedStreams(this.dependencies, view, (stream) => streams.has(stream));
      for (const stream of found) shown.add(stream);
    }
    for (const stream of shown) {
      const compared = await this.reconcile(stream);
      for (const one of compared.drift) yield this.note(one);
      this.prove(stream, compared);
    }
  }

  private reconcile(stream: string): Promise<Reconciled> {
    const latest = this.compared.states.latest(stream);
    return reconcileEntity(this.dependencies, this.category, stream, {
      heal: this.request.heal === true,
      pace: new Pace(TAKING_TURNS),
      ...(latest && { latest }),
    });
  }

  private note(drift: FoundDrift): ExamineLine {
    this.found.push(drift);
    countDrift(drift);
    return { kind: 'drift', drift };
  }

  /** Remembers that no difference is left, if it was asked for by name, or something was found. */
  private prove(stream: string, { inspection, drift }: Reconciled): void {
    const isRemarkable = this.request.stream !== undefined || drift.length > 0;
    const isProven = !inspection.isSilent && drift.every(({ healed }) => healed);
    if (isRemarkable && isProven) noteProven(stream);
  }

  /** A broken stream is found twice: when the store is read, and when its entity is compared. */
  private isKnown({ kind, stream }: Drift): boolean {
    return kind === 'stream' && this.found.some((one) => one.kind === kind && one.stream === stream);
  }

  private countRows(view: string, rows: number): void {
    this.rows.set(view, (this.rows.get(view) ?? 0) + rows);
  }

  private *progress(stage: Stage, done: number, of?: number): Generator<ExamineLine> {
    if (Date.now() - this.saidAt < PROGRESS_MILLISECONDS && done !== of) return;
    this.saidAt = Date.now();
    const { category } = this.category;
    yield { kind: 'progress', category, stage, done, ...(of !== undefined && { of }) };
  }

  private report(): DoctorReport {
    const { compared, entities, live, silent, found } = this;
    return {
      category: this.category.category,
      streams: compared.streams.size,
      events: compared.events,
      records: compared.records,
      states: compared.states.size,
      entities,
      live,
      silent,
      views: Object.fromEntries(
        this.category.views.map((view) => [viewKey(view), this.rows.get(viewKey(view)) ?? 0]),
      ),
      drift: found.length,
      healed: found.filter(({ healed }) => healed).length,
    };
  }
}

/** A uniform random sample of this many. */
function chooseSome(streams: readonly string[], count: number): readonly string[] {
  const left = [...streams];
  if (count >= left.length) return left;
  return Array.from({ length: count }, () => {
    const index = Math.floor(Math.random() * left.length);
    const [chosen = ''] = left.splice(index, 1, left.at(-1) ?? '');
    left.pop();
    return chosen;
  });
}
