import {
  ApplicationFailure,
  CancellationScope,
  makeContinueAsNewFunc,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import type { CallPolicies, FlowFunction, FlowKind, FlowTypes } from '#libs/core/flow/flow.js';
import { flowFolding } from '#libs/core/flow/flow.decider.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { currentTime } from '#libs/entity/workflow/alarm.js';
import { decideAndAppend } from '#libs/entity/workflow/entity-activities.proxy.js';
import { checkedInput, load, setHandlers } from '#libs/entity/workflow/entity-loop.js';
import { EntityRun } from '#libs/entity/workflow/entity-run.js';
import { turns } from '#libs/entity/workflow/turns.js';
import { scheduledStart } from '#libs/flow/protocol/scheduled-start.js';
import { FlowRun } from './flow-run.js';
import { hasBuild, versioning } from './has-build.js';

/**
 * The workflow of a flow: `export const cardPayment = flow(CardPayment, async (input, f) => …)`.
 *
 * A flow is an entity whose workflow also runs a function. The function begins once `FlowStarted`
 * is in the stream, and ends with one of `FlowCompleted`, `FlowFailed` and `FlowCancelled`; the
 * workflow then completes. `calls` says how its calls are tried. A schedule starts the workflow
 * with the input of the flow instead of a command.
 */
export function flow<T extends FlowTypes, C extends CallPolicies>(
  kind: FlowKind<T>,
  main: FlowFunction<T, C>,
  { calls = {} as C }: { readonly calls?: C } = {},
): (input: EntityInput) => Promise<void> {
  const folding = flowFolding(kind);
  const workflow = async (input: EntityInput): Promise<void> => {
    const run = new EntityRun(folding, checkedInput(input));
    const start = scheduledStart(run.stream, input, currentTime());
    if (start) run.admit(start);
    setHandlers(run);
    const cancelled = CancellationScope.current().cancelRequested;
    await CancellationScope.nonCancellable(() => live(run, new FlowRun(run, { main, calls }), cancelled));
    if (start) failIfRefused(run.mailbox.outcomeOf(start.commandId));
  };
  setWorkflowOptions(versioning, workflow);
  return workflow;
}

/** Nobody waits for the outcome of a start by a schedule, so a refused one fails the workflow. */
function failIfRefused(outcome: Outcome | undefined): void {
  if (outcome === undefined || outcome.status === 'accepted') return;
  throw ApplicationFailure.nonRetryable(outcome.detail, outcome.code);
}

/** The next run begins on the current build, if workers have builds, and on its task queue. */
function continueAsNew(run: EntityRun, flow: FlowRun): Promise<never> {
  const onBuild = hasBuild() ? { initialVersioningBehavior: 'AUTO_UPGRADE' as const } : {};
  const options = { ...onBuild, ...run.nextRun };
  return makeContinueAsNewFunc<(of: EntityInput) => Promise<void>>(options)(carry(run, flow));
}

async function live(run: EntityRun, flow: FlowRun, cancelled: Promise<never>): Promise<void> {
  cancelled.catch(() => run.admit(cancellation(run)));
  const isReset = run.resets.take();
  await load(run, isReset);
  flow.noteLoaded(isReset);
  for (;;) {
    await turns.until(() => run.hasWork || flow.hasWork);
    if (run.resets.take()) {
      await load(run, true);
      flow.noteLoaded(true);
    }
    flow.check();
    if (flow.hasGap) await flow.inbox.catchUp(run.fold.revision);
    flow.advance();
    if (run.hasWork) await decide(run, flow);
    else if (flow.mayContinueAsNew) return continueAsNew(run, flow);
    // The server refuses to complete a run that has an unseen message.
    else if (flow.isClosed && flow.isQuiet && (await mayComplete(run, flow))) return;
  }
}

async function decide(run: EntityRun, flow: FlowRun): Promise<void> {
  const request = flow.withFacts(run.nextRequest());
  const result = await decideAndAppend(request);
  if (result.wasReset) return run.resets.report();
  run.takeResult(request, result);
  flow.takeResult(request, result);
}

function carry(run: EntityRun, flow: FlowRun): EntityInput {
  const { carried, ...input } = run.carry();
  return { ...input, ...(carried && { carried: { ...carried, flow: flow.carry() } }) };
}

/** Writes down what only this run remembers. False if something has come in the meantime. */
async function mayComplete(run: EntityRun, flow: FlowRun): Promise<boolean> {
  if (run.mailbox.nextUnkept().length > 0) await decide(run, flow);
  if (run.passivation?.isOwed) await run.passivation.save(run.stream, run.snapshot());
  return flow.isClosed && flow.isQuiet;
}

/** Cancelling the workflow in Temporal is the same as the command. */
function cancellation({ stream }: EntityRun) {
  // A flow that is restarted can be cancelled again.
  const commandId = `${stream}/${workflowInfo().firstExecutionRunId}.cancelled-in-temporal`;
  const ids = { commandId, correlationId: commandId, causationId: commandId };
  const data = { reason: 'the workflow was cancelled in Temporal' };
  return { ...ids, type: 'Cancel', data, actor: 'system:temporal', sentAt: currentTime() };
}
