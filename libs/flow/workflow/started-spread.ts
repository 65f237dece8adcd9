import {
  CancellationScope,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  defineSignal,
  log,
  ParentClosePolicy,
  setHandler,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { errorText } from '#libs/core/error-text.js';
import type { SpreadWork } from '#libs/core/flow/flow-host.js';
import { clock } from './flow-clock.js';
import { turns } from '#libs/entity/workflow/turns.js';
import type { SpreadOrder, SpreadProgress, SpreadRequest } from '#libs/core/flow/spread/spread.js';
import {
  type RootInput,
  reportsOf,
  SPREAD_ORDER,
  SPREAD_TYPE,
  spreadIdOf,
} from '#libs/flow/protocol/spread-messages.js';
import type { RootEnd } from './spread-root.js';
import type { HostedRun } from './temporal-host.js';

type Root = (input: RootInput) => Promise<RootEnd>;

const orderSignal = defineSignal<[SpreadOrder]>(SPREAD_ORDER);

/** Before a root that was ended from outside, or runs for an earlier run, is started again. */
const PAUSE = 1_000;

/**
 * Starts the root of a tree, and hands orders to it. The tree ends with the flow: what its leaves
 * did is idempotent, so a flow that is restarted begins it from scratch.
 */
export function startSpread(
  { stream, trace }: Pick<HostedRun, 'stream' | 'trace'>,
  { place, leaf, source, data, itemsPerLeaf, ...settings }: SpreadRequest,
  report: (progress: SpreadProgress) => void,
): SpreadWork {
  const input: RootInput = {
    tree: { place, stream, leaf, source, data, itemsPerLeaf, trace },
    ...settings,
  };
  const orders: SpreadOrder[] = [];
  let isOver = false;
  let root: ChildWorkflowHandle<Root> | undefined;
  const send = (order: SpreadOrder): void => {
    // A root that has ended does nothing any more.
    root?.signal(orderSignal, order).catch(() => undefined);
  };
  const order = (one: SpreadOrder): void => {
    orders.push(one);
    send(one);
  };
  setHandler(defineSignal<[SpreadProgress]>(reportsOf(place)), (progress) => {
    if (!isOver) report(progress);
  });
  const started = (handle: ChildWorkflowHandle<Root>): void => {
    root = handle;
    orders.forEach(send);
  };
  const result = CancellationScope.nonCancellable(() => insistOnEnd(input, started));
  const ended = result.finally(() => (isOver = true));
  ended.catch(() => undefined);
  return { result: ended, order, cancel: () => order({ order: 'stop', n: 0 }) };
}

/** The end of the tree. If somebody ends its root from outside, it begins again. */
async function insistOnEnd(
  input: RootInput,
  started: (handle: ChildWorkflowHandle<Root>) => void,
): Promise<RootEnd> {
  for (;;) {
    try {
      const start = startChild<Root>(SPREAD_TYPE, {
        workflowId: spreadIdOf(input.tree.place),
        args: [input],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
      });
      const handle = await turns.later(start);
      started(handle);
      const end = await turns.later(handle.result());
      clock.note(end.at);
      return end;
    } catch (error) {
      if (
        !(error instanceof ChildWorkflowFailure) &&
        !(error instanceof WorkflowExecutionAlreadyStartedError)
      ) {
        throw error;
      }
      log.warn('the tree of a spread has to begin again', { error: errorText(error) });
      await turns.later(sleep(PAUSE));
    }
  }
}
