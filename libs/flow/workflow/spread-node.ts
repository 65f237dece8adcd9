import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { joined, type Range, sizeOf } from '#libs/core/flow/spread/ranges.js';
import type { LeafKind, SpreadCounts } from '#libs/core/flow/spread/spread.js';
import { added, handled, NOTHING, valueOf } from '#libs/core/flow/spread/tally.js';
import {
  type LeafResult,
  type NodeInput,
  type NodeReport,
  type NodeResult,
  SPREAD_REPORT,
} from '#libs/flow/protocol/spread-messages.js';
import { keepManifest, runLeaf } from './spread-activities.proxy.js';

/** No leaf starts beyond this many events. The history stays below 4,096. */
const MOST_EVENTS = 3_400;

/** Runs a node: leaves over its range, some at a time. Cancelled, it returns what was done. */
export function runNode(input: NodeInput, merge: LeafKind['merge']): Promise<NodeResult> {
  const cancelled = CancellationScope.current().cancelRequested;
  return CancellationScope.nonCancellable(() => new NodeRun(input, merge).run(cancelled));
}

class NodeRun {
  private counts: SpreadCounts = NOTHING;
  private readonly results: LeafResult[] = [];
  private readonly todo: Range[];
  private readonly rest: Range[] = [];
  private readonly leaves = new CancellationScope({ cancellable: true });
  private isStopping = false;
  private reports = 0;

  constructor(
    private readonly input: NodeInput,
    private readonly merge: LeafKind['merge'],
  ) {
    this.todo = [input.node];
  }

  async run(cancelled: Promise<never>): Promise<NodeResult> {
    cancelled.catch(() => this.stop());
    const lanes = Array.from({ length: this.input.leaves }, () => this.lane());
    await Promise.all(lanes);
    const { counts } = this;
    const rest = joined([...this.rest, ...this.todo]);
    this.check(rest);
    const results = this.results.toSorted((a, b) => a.from - b.from);
    const of = results.flatMap(({ segments }) => segments);
    const { stream } = this.input.tree;
    const manifest =
      of.length === 0 ? {} : { manifest: await keepManifest(stream, { kind: 'segments', of }) };
    return { ...counts, rest, ...manifest, ...valueOf(results, this.merge) };
  }

  private async lane(): Promise<void> {
    for (let range = this.next(); range; range = this.next()) {
      const { tree, perSecond } = this.input;
      const request = { tree, range, ...(perSecond !== undefined && { perSecond }) };
      try {
        this.take(range, await this.leaves.run(() => runLeaf(request)));
      } catch (error) {
        if (!isCancellation(error) && !this.isStopping) throw error;
        this.rest.push(range);
      }
    }
  }

  /** The range of the next leaf, if there is to be one. */
  private next(): Range | undefined {
    if (this.isStopping || workflowInfo().historyLength > MOST_EVENTS) return undefined;
    const [first] = this.todo;
    if (!first) return undefined;
    const to = Math.min(first.to, first.from + this.input.tree.itemsPerLeaf);
    this.todo.splice(0, 1, ...(to < first.to ? [{ from: to, to: first.to }] : []));
    return { from: first.from, to };
  }

  private take(range: Range, result: LeafResult): void {
    this.counts = added(this.counts, result);
    this.results.push(result);
    // Out of time, or cancelled.
    if (result.upTo < range.to) this.todo.unshift({ from: result.upTo, to: range.to });
    if (this.counts.failed > this.input.mayFail) this.stop();
    this.report();
  }

  private stop(): void {
    this.isStopping = true;
    this.leaves.cancel();
  }

  /** Every item of the node is handled once, or left. */
  private check(rest: readonly Range[]): void {
    const { node } = this.input;
    const known = handled(this.counts) + sizeOf(rest);
    if (known === node.to - node.from) return;
    throw new Error(`the node ${node.from} to ${node.to} accounts for ${known} items`);
  }

  private report(): void {
    const { node, reports } = this.input;
    const { parent } = workflowInfo();
    const parts = Math.floor((handled(this.counts) / (node.to - node.from)) * (reports + 1));
    if (!parent || parts <= this.reports || parts > reports) return;
    this.reports = parts;
    const report: NodeReport = { from: node.from, ...this.counts };
    getExternalWorkflowHandle(parent.workflowId)
      .signal(SPREAD_REPORT, report)
      // The parent may have ended.
      .catch(() => undefined);
  }
}
