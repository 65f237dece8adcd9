import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type {
  LeafKind,
  SpreadOrder,
  SpreadPhase,
  SpreadProgress,
  SpreadResult,
} from '#libs/core/flow/spread/spread.js';
import { added, NOTHING, valueOf } from '#libs/core/flow/spread/tally.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import {
  type CarriedSpread,
  type RootInput,
  type NodeReport,
  reportsOf,
  SPREAD_ORDER,
  SPREAD_REPORT,
} from '#libs/flow/protocol/spread-messages.js';
import { keepManifest, listUnsettled } from './spread-activities.proxy.js';
import { begun, checkCounts, countsOf, nextPass } from './spread-state.js';
import { SpreadWave } from './spread-wave.js';

/** A wave may add some 3,000 events to this many: 4,096 are the most. */
const EVENTS_BETWEEN_WAVES = 600;
/** The shortest time between two reports; it grows with the time that has passed. */
const SHORTEST_PAUSE = 2_000;
const SHARE_OF_TIME = 20;

const orderSignal = defineSignal<[SpreadOrder]>(SPREAD_ORDER);
const reportSignal = defineSignal<[NodeReport]>(SPREAD_REPORT);

/** How a spread has ended. */
export interface RootEnd {
  readonly result: SpreadResult;
  readonly progress: SpreadProgress;
  /** When, in milliseconds. */
  readonly at: number;
}

/**
 * The root of a tree. It works in waves of nodes. Between two waves no child is under way: there it
 * pauses, plans what is left, and continues as new.
 */
export class SpreadRoot {
  private state: CarriedSpread;
  private wave: SpreadWave | undefined;
  private phase: SpreadPhase = 'running';
  private isStopped = false;
  private reportedAt = 0;
  /** The outcomes up to the last time that nothing was under way. */
  private manifest: BlobRef | undefined;

  constructor(
    private readonly input: RootInput,
    private readonly merge: LeafKind['merge'],
  ) {
    this.state = input.carried ?? begun(input);
  }

  async run(): Promise<RootEnd> {
    setHandler(orderSignal, (order) => this.obey(order));
    setHandler(reportSignal, (report) => {
      this.wave?.note(report);
      this.stopIfTooManyFailed();
      this.report();
    });
    CancellationScope.current().cancelRequested.catch(() => this.obey({ order: 'stop', n: 0 }));
    return CancellationScope.nonCancellable(() => this.live());
  }

  private async live(): Promise<RootEnd> {
    for (;;) {
      if (this.isPaused && !this.isStopped && this.isUnfinished) {
        await this.rest('paused');
        await condition(() => !this.isPaused || this.isStopped);
      }
      if (this.state.left.length > 0 && !this.isStopped && !this.isBeyondTolerance) {
        this.turn('running');
        if (workflowInfo().historyLength > EVENTS_BETWEEN_WAVES) return this.continueAsNew();
        await this.runWave();
      } else if (!(await this.mayRetry())) return this.end();
    }
  }

  private async runWave(): Promise<void> {
    const { input, state, merge } = this;
    const { perSecond } = input;
    this.wave = new SpreadWave(
      {
        tree: { ...input.tree, ...(state.list && { list: state.list }) },
        left: state.left,
        leaves: input.leaves,
        ...(perSecond !== undefined && { perSecond }),
        mayFail: this.mostFailed - state.counts.failed,
        merge,
      },
      () => {
        this.stopIfTooManyFailed();
        this.report();
      },
    );
    const part = await this.wave.run();
    this.wave = undefined;
    const parts = [
      ...(state.value === undefined ? [] : [{ ...NOTHING, from: 0, value: state.value }]),
      { ...part, from: 1 },
    ];
    this.state = {
      ...this.state,
      counts: added(state.counts, part),
      left: part.rest,
      manifests: [...state.manifests, ...(part.manifest ? [part.manifest] : [])],
      ...valueOf(parts, merge),
    };
    checkCounts(this.state, input.tree.source.count);
  }

  /** Waits until somebody wants to retry what was not settled, and begins a pass over it. */
  private async mayRetry(): Promise<boolean> {
    const { state, input } = this;
    if (this.isStopped || (state.counts.failed === 0 && state.left.length === 0)) return false;
    await this.rest(this.isBeyondTolerance ? 'stopped' : 'waiting');
    const isTold = () => this.state.isRetryAsked || this.state.isFinished || this.isStopped;
    if (input.retryFor > 0) await condition(isTold, input.retryFor);
    if (!this.state.isRetryAsked || this.isStopped) return false;
    const tree = { ...input.tree, ...(state.list && { list: state.list }) };
    const unsettled = await listUnsettled({ tree, manifests: state.manifests, left: state.left });
    this.state = nextPass(this.state, unsettled, await this.kept());
    checkCounts(this.state, input.tree.source.count);
    return true;
  }

  private async end(): Promise<RootEnd> {
    await this.keepAll();
    this.phase = 'ended';
    const { progress } = this;
    const { done, rejected, failed, left, planned, manifest } = progress;
    const { value } = this.state;
    const counts = { planned, done, rejected, failed, left };
    const more = { ...(value !== undefined && { value }), ...(manifest && { manifest }) };
    return { result: { ...counts, ...more }, progress, at: Date.now() };
  }

  /** Says how far it is while nothing is under way. */
  private async rest(phase: SpreadPhase): Promise<void> {
    await this.keepAll();
    this.turn(phase);
  }

  private async keepAll(): Promise<void> {
    const of = [...this.state.before, ...(await this.kept())];
    const { stream } = this.input.tree;
    if (of.length > 0) this.manifest = await keepManifest(stream, { kind: 'passes', of });
  }

  /** The outcomes of this pass, as one blob. */
  private async kept(): Promise<readonly BlobRef[]> {
    const { manifests } = this.state;
    if (manifests.length === 0) return [];
    return [await keepManifest(this.input.tree.stream, { kind: 'manifests', of: manifests })];
  }

  private continueAsNew(): Promise<never> {
    return continueAsNew<(input: RootInput) => Promise<unknown>>({ ...this.input, carried: this.state });
  }

  private obey({ order, n }: SpreadOrder): void {
    const { paused } = this.state;
    if (order === 'retry') this.state = { ...this.state, isRetryAsked: true };
    else if (order === 'finish') this.state = { ...this.state, isFinished: true };
    else if (order === 'stop') this.isStopped = true;
    else if (n > paused.n) this.state = { ...this.state, paused: { n, is: order === 'pause' } };
    if (this.isPaused || this.isStopped) this.wave?.stop();
  }

  private get isPaused(): boolean {
    return this.state.paused.is;
  }

  private get isUnfinished(): boolean {
    return this.state.left.length > 0 && !this.isBeyondTolerance;
  }

  private get mostFailed(): number {
    return Math.floor(this.input.tolerance * this.input.tree.source.count);
  }

  private get isBeyondTolerance(): boolean {
    return this.progress.failed > this.mostFailed;
  }

  private stopIfTooManyFailed(): void {
    if (this.isBeyondTolerance) this.wave?.stop();
  }

  private get progress(): SpreadProgress {
    const { input, state, phase } = this;
    const counts = countsOf(state, input.tree.source.count, this.wave?.counts);
    const more = this.manifest && { manifest: this.manifest };
    return { phase, ...counts, startedAt: toTimestamp(state.startedAt), ...more };
  }

  private turn(phase: SpreadPhase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.report(true);
  }

  /** Tells the flow how far it is, if that is news or some time has passed. */
  private report(isNews = false): void {
    const now = Date.now();
    const pause = Math.max(SHORTEST_PAUSE, (now - this.state.startedAt) / SHARE_OF_TIME);
    const { parent } = workflowInfo();
    if (!parent || (!isNews && now - this.reportedAt < pause)) return;
    this.reportedAt = now;
    getExternalWorkflowHandle(parent.workflowId)
      .signal(reportsOf(this.input.tree.place), this.progress)
      // The flow may have ended.
      .catch(() => undefined);
  }
}
