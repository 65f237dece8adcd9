import { CancellationScope, continueAsNew } from '@temporalio/workflow';
import type { EntityInput } from './entity-messages.js';
import { EntityRun } from './entity-run.js';
import type { FoldingDecider } from './fold-result.js';

/**
 * The life of an entity: takes commands in by signal and update, has them decided and appended by one local activity a
 * drain, folds the events it returns, sees to their effects, and wakes at its deadlines. It goes on in runs of bounded
 * history, until nothing has come for a while and it waits for nothing: then it ends, and the next command begins it again.
 * To cancel its workflow in Temporal does nothing: what an entity has taken in, it decides, and what ends a saga is a command.
 */
export async function runEntity(decider: FoldingDecider, input: EntityInput): Promise<void> {
  const run = new EntityRun(decider, input);
  // Handlers stand before anything is awaited: a signal that started this run is already waiting for them.
  run.listen();
  return CancellationScope.nonCancellable(() => live(run));
}

async function live(run: EntityRun): Promise<void> {
  await run.load();
  for (;;) {
    await run.waitForWork();
    if (await run.mayContinueAsNew()) return continueAsNew(run.carry());
    // The server closes no run that has a message which no handler has seen: that would come to the next drain.
    if (run.isRestDue && (await run.mayRest())) return;
    if (run.hasWork) await run.decide();
  }
}
