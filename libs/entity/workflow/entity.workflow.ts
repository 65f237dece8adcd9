import { ApplicationFailure, CancellationScope, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { EntityRun } from './entity-run.js';
import type { FoldingDecider } from './fold-result.js';
import { carriedIn } from '#libs/entity/protocol/message-shapes.js';

/**
 * The life of an entity: takes commands in by signal and update, has them decided and appended by one local activity a
 * drain, folds the events it returns, sees to their effects, and wakes at its deadlines. It goes on in runs of bounded
 * history, until nothing has come for a while and it waits for nothing: then it ends, and the next command begins it again.
 * To cancel its workflow in Temporal does nothing: what an entity has taken in, it decides, and what ends a saga is a command.
 */
export async function runEntity(decider: FoldingDecider, input: EntityInput): Promise<void> {
  const run = new EntityRun(decider, understood(input));
  // Handlers stand before anything is awaited: a signal that started this run is already waiting for them.
  run.listen();
  return CancellationScope.nonCancellable(() => live(run));
}

async function live(run: EntityRun): Promise<void> {
  await run.load(run.takeReset());
  for (;;) {
    await run.waitForWork();
    if (run.takeReset()) await run.load(true);
    if (await run.mayContinueAsNew()) return continueAsNew(run.carry());
    // The server closes no run that has a message which no handler has seen: that would come to the next drain.
    if (run.isRestDue && (await run.mayRest())) return;
    if (run.hasWork) await run.decide();
  }
}

/**
 * The input, as far as it can be used: somebody may have started the workflow by hand. Its id says which stream is its own, and
 * another one's would have two entities. Fails the workflow where the id is not that of an entity of this kind.
 */
function understood(input: unknown): EntityInput {
  const { workflowId: stream, workflowType } = workflowInfo();
  if (parseStreamName(stream)?.category !== workflowType) {
    throw ApplicationFailure.nonRetryable(`${stream} is no id of an entity of type ${workflowType}`);
  }
  const { messagesPerRun } = (input ?? {}) as Partial<EntityInput>;
  const carried = carriedIn(input);
  const isLimit = Number.isSafeInteger(messagesPerRun) && (messagesPerRun as number) > 0;
  return { stream, ...(isLimit && { messagesPerRun }), ...(carried && { carried }) };
}
