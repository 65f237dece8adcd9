// The least that a workflow can do with a message: count it.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { HANDLED_QUERY, NOOP_SIGNAL, NOOP_UPDATE } from './messages.js';

/** Counts signals and updates, for as long as it is sent any. */
export async function bare(before: number): Promise<void> {
  let handled = before;
  setHandler(defineSignal<[string]>(NOOP_SIGNAL), () => void (handled += 1));
  setHandler(defineUpdate<number, [string]>(NOOP_UPDATE), () => (handled += 1));
  setHandler(defineQuery<number>(HANDLED_QUERY), () => handled);
  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  await continueAsNew<typeof bare>(handled);
}
