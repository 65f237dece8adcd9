import {
  ActivityFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  sleep,
} from '@temporalio/workflow';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { joined, planLanes, planWave, type Range, sizeOf } from '#libs/core/flow/spread/ranges.js';
import type { LeafKind, SpreadCounts } from '#libs/core/flow/spread/spread.js';
import {
  added,
  areCountsOf,
  areRangesIn,
  NOTHING,
  type Part,
  valueOf,
} from '#libs/core/flow/spread/tally.js';
import type { Json } from '#libs/core/json.js';
import {
  type NodeInput,
  type NodeReport,
  type NodeResult,
  SPREAD_TYPE,
  spreadIdOf,
  type Tree,
} from '#libs/flow/protocol/spread-messages.js';
import { keepManifest } from './spread-activities.proxy.js';

/** Reports of all nodes together. Each costs some four events. */
const MOST_REPORTS = 75;
/** How often one node reports. */
const REPORTS = 3;
/** Between the starts of two nodes, and after one has ended without a result. */
const STAGGER = 20;
const PAUSE_AFTER_FAILURE = 1_000;

interface WavePlan {
  readonly tree: Tree;
  readonly left: readonly Range[];
  readonly leaves: number;
  readonly perSecond?: number;
  readonly mayFail: number;
  readonly merge: LeafKind['merge'];
}

/** What a wave has come to. */
export interface WaveResult extends SpreadCounts {
  readonly rest: readonly Range[];
  readonly manifest?: BlobRef;
  readonly value?: Json;
}

/** Nodes over what is left. Once stopped, they return what was done, and the rest is left. */
export class SpreadWave {
  private readonly todo: Range[];
  private readonly rest: Range[];
  private readonly lanes: { readonly nodes: number; readonly leaves: number };
  private readonly reports: number;
  private readonly scope = new CancellationScope({ cancellable: true });
  private readonly results: (NodeResult & Part)[] = [];
  /** What nodes that run have reported. */
  private readonly running = new Map<number, SpreadCounts>();
  private isStopping = false;

  constructor(
    private readonly plan: WavePlan,
    private readonly onNews: () => void,
  ) {
    const { nodes, rest } = planWave(plan.left, plan.tree.itemsPerLeaf);
    this.todo = [...nodes];
    this.rest = [...rest];
    this.lanes = planLanes(plan.leaves, nodes.length);
    this.reports = Math.min(REPORTS, Math.floor(MOST_REPORTS / nodes.length));
  }

  /** What was handled, as far as it is known. */
  get counts(): SpreadCounts {
    return [...this.results, ...this.running.values()].reduce<SpreadCounts>(added, NOTHING);
  }

  note({ from, done, rejected, failed }: NodeReport): void {
    if (this.running.has(from)) this.running.set(from, { done, rejected, failed });
  }

  stop(): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.scope.cancel();
  }

  async run(): Promise<WaveResult> {
    await Promise.all(Array.from({ length: this.lanes.nodes }, (_, index) => this.lane(index)));
    const results = this.results.toSorted((a, b) => a.from - b.from);
    const rest = joined([...this.rest, ...this.todo, ...results.flatMap((result) => result.rest)]);
    const of = results.flatMap(({ manifest }) => (manifest ? [manifest] : []));
    const { stream } = this.plan.tree;
    const manifest =
      of.length === 0 ? {} : { manifest: await keepManifest(stream, { kind: 'manifests', of }) };
    const { counts } = this;
    return { ...counts, rest, ...manifest, ...valueOf(results, this.plan.merge) };
  }

  private async lane(index: number): Promise<void> {
    if (index > 0) await sleep(index * STAGGER);
    for (let node = this.todo.shift(); node; node = this.todo.shift()) {
      if (this.isStopping) return void this.rest.push(node);
      this.running.set(node.from, NOTHING);
      const result = await this.resultOf(node);
      this.running.delete(node.from);
      if (result) this.results.push({ ...result, from: node.from });
      else this.rest.push(node);
      this.onNews();
    }
  }

  /** Undefined if the node has ended without a result: what it did does not count. */
  private async resultOf(node: Range): Promise<NodeResult | undefined> {
    try {
      const result = await this.scope.run(() => runChild(this.inputOf(node)));
      if (isResultOf(result, node)) return result;
      log.warn('a node of a spread does not account for its items; they are handled again', { ...node });
    } catch (error) {
      if (isCancellation(error)) return undefined;
      if (!(error instanceof ChildWorkflowFailure) && !(error instanceof ActivityFailure)) throw error;
      log.warn('a node of a spread was ended from outside; its items are handled again', { ...node });
    }
    await sleep(PAUSE_AFTER_FAILURE);
    return undefined;
  }

  private inputOf(node: Range): NodeInput {
    const { tree, perSecond, mayFail } = this.plan;
    const { nodes, leaves } = this.lanes;
    const { failed } = this.counts;
    return {
      tree,
      node,
      leaves,
      ...(perSecond !== undefined && { perSecond: perSecond / (nodes * leaves) }),
      mayFail: mayFail - failed,
      reports: this.reports,
    };
  }
}

function runChild(input: NodeInput): Promise<NodeResult> {
  const { tree, node } = input;
  return executeChild<(of: NodeInput) => Promise<NodeResult>>(SPREAD_TYPE, {
    workflowId: `${spreadIdOf(tree.place)}/${tree.list?.hash.slice(0, 8) ?? 'all'}/${node.from}`,
    args: [input],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: ParentClosePolicy.TERMINATE,
  });
}

/** Anyone may start a workflow under the id of a node. */
function isResultOf(result: NodeResult, node: Range): boolean {
  const { rest } = result;
  return areRangesIn(rest, node) && areCountsOf(result, node.to - node.from - sizeOf(rest));
}
