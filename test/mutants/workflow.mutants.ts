import type { Mutant } from './mutant.js';

/** Bugs in workflow code, found on the time-skipping server. */
export const workflowMutants: readonly Mutant[] = [
  {
    id: 'effects-share-a-queue',
    bug: 'Effects whose participant is down fill the activity slots that appends need.',
    file: 'libs/entity/workflow/entity-activities.proxy.ts',
    replace: 'taskQueue: effectsQueueOf(workflowInfo().taskQueue),',
    by: "taskQueue: effectsQueueOf('') === '' ? '' : workflowInfo().taskQueue,",
    spec: 'test/workflow/effects-away.spec.ts',
    test: 'appends by an ordinary activity while more effects hang than a worker has slots',
  },
  {
    id: 'signal-unchecked',
    bug: 'A malformed signal fails the workflow task again and again.',
    file: 'libs/entity/workflow/entity-loop.ts',
    replace: 'if (fault !== undefined) return dropped({ signal: COMMANDS_SIGNAL, fault });',
    by: 'if (fault !== undefined) dropped({ signal: COMMANDS_SIGNAL, fault });',
    spec: 'test/workflow/inner-door.spec.ts',
    test: 'an account to which the temporal program sends as commands by signal a number, drops it and continues',
  },
  {
    id: 'reset-unnoticed',
    bug: 'A workflow that was reset in Temporal carries on with its old state.',
    file: 'libs/entity/workflow/reset-watch.ts',
    replace: 'return this.isReported || !getActivator()',
    by: 'return this.isReported && !getActivator()',
    spec: 'test/workflow/reset-in-temporal.spec.ts',
    test: 'an account whose workflow is reset in Temporal to its first task, resumes from its stream, and its answers still hold',
  },
  {
    id: 'ended-for-ever',
    bug: 'An entity that has ended keeps its workflow until it has been idle.',
    file: 'libs/entity/workflow/entity-run.ts',
    replace: 'if (result.isEnded) this.passivation?.end();',
    by: '',
    spec: 'test/workflow/rest.spec.ts',
    test: 'an entity that has ended is passivated at once, and answers later commands and repeats as before',
  },
  {
    id: 'snapshot-at-every-end',
    bug: 'A large snapshot is written at each end of a run, whatever it saves.',
    file: 'libs/entity/workflow/passivation.ts',
    replace: 'Math.max(this.policy.snapshotEvery, bytes / BYTES_PER_EVENT)',
    by: 'Math.min(this.policy.snapshotEvery, bytes / BYTES_PER_EVENT)',
    spec: 'test/workflow/rest.spec.ts',
    test: 'a large snapshot is written less often by an entity whose runs end',
  },
  {
    id: 'long-wait-fails',
    bug: 'A long `Prefer: wait` is answered 503 while no worker runs.',
    file: 'libs/entity/gateway/temporal-entity-messages.ts',
    replace: 'if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw error;',
    by: "if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)\n        throw new EngineUnavailableError('temporal', { cause: error });",
    spec: 'test/workflow/worker-away.spec.ts',
    test: 'one whose sender waits for longer than an update may last is kept, too',
  },
];
