import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '#libs/read-model/view-problems.js';
import type { AskedKafka } from '#libs/kafka/kafka.js';
import { rebuildStatus, type RebuildStatus } from '#libs/read-model/rebuild/rebuild-status.js';
import { rollBackRebuild, switchRebuild } from '#libs/read-model/rebuild/rebuild-switch.js';
import { diffRows, type ViewDiff } from '#libs/read-model/rebuild/row-diff.js';
import { cancelRebuild, startRebuild, throttleRebuild } from '#libs/read-model/rebuild/start-rebuild.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { answerIn, assertPostgresAnswers } from '#libs/api/http/answer-in-time.js';
import { type OperatedViews } from './operated-views.js';

/** The longest wait for a comparison of all entities of a view. */
const STATUS_MILLISECONDS = 30_000;

export interface RebuildOperationsOptions {
  readonly pool: Pool;
  readonly kafka: AskedKafka;
  readonly views: OperatedViews;
  /** How long to wait for locks on tables. Default: a minute. */
  readonly lockMilliseconds?: number | undefined;
}

interface Request {
  readonly operator: string;
  readonly reason?: string | undefined;
}

/**
 * Operations on views that are rebuilt next to the serving ones. Throws problems, and errors of the
 * servers.
 */
export class RebuildOperations {
  constructor(private readonly options: RebuildOperationsOptions) {}

  async start(key: string, request: Request & { readonly throttle?: number | undefined }) {
    const view = await this.reached(key);
    await startRebuild(this.options.pool, { ...this.about(view), ...request });
    return this.statusOf(view);
  }

  async throttle(key: string, throttle: number | null, operator: string) {
    const view = await this.reached(key);
    await throttleRebuild(this.options.pool, { view, operator, throttle: throttle ?? undefined });
    return this.statusOf(view);
  }

  async status(key: string): Promise<RebuildStatus> {
    return this.statusOf(this.called(key));
  }

  async diff(key: string, samples: number): Promise<ViewDiff> {
    return diffRows(this.options.pool, await this.reached(key), samples);
  }

  async switch(key: string, request: Request & { readonly acceptParked?: boolean | undefined }) {
    const view = await this.reached(key);
    const partitions = await this.partitionsOf(view);
    await switchRebuild(this.options.pool, { ...this.about(view), ...request, partitions });
    return this.statusOf(view);
  }

  async rollBack(key: string, request: Request) {
    const view = await this.reached(key);
    const partitions = await this.partitionsOf(view);
    await rollBackRebuild(this.options.pool, { ...this.about(view), ...request, partitions });
    return this.statusOf(view);
  }

  async cancel(key: string, request: Request) {
    const view = await this.reached(key);
    await cancelRebuild(this.options.pool, { ...this.about(view), ...request });
    return this.statusOf(view);
  }

  /**
   * A view, after checking that the database answers: the operation may take minutes, and would
   * wait as long.
   */
  private async reached(key: string): Promise<AnyView> {
    const view = this.called(key);
    await assertPostgresAnswers(this.options.pool);
    return view;
  }

  private called(key: string): AnyView {
    return this.options.views.called(key);
  }

  private about(view: AnyView) {
    return { view, lockMilliseconds: this.options.lockMilliseconds };
  }

  private async partitionsOf({ category }: AnyView): Promise<readonly number[]> {
    return [...(await this.options.kafka.watermarks(eventsTopic(category))).keys()];
  }

  private async statusOf(view: AnyView): Promise<RebuildStatus> {
    const { pool, kafka } = this.options;
    const status = await answerIn(STATUS_MILLISECONDS, 'postgres', rebuildStatus(pool, kafka, view));
    if (!status) throw new ProblemError(viewProblems.rebuildState, 'the view was never rebuilt');
    return status;
  }
}
