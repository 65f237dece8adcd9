import { activityInfo } from '@temporalio/activity';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { DecideRequest, DecideResult, EntityActivities } from '#libs/entity/protocol/entity-messages.js';
import { whileAlive } from './while-alive.js';

/**
 * One set of activities for a worker that runs entities of several categories: the stream's name
 * says whose it is.
 */
export function activitiesByCategory(entities: Readonly<Record<string, EntityActivities>>): EntityActivities {
  const of = ({ stream }: { readonly stream: string }): EntityActivities => {
    const found = entities[parseStreamName(stream)?.category ?? ''];
    if (!found) throw new TypeError(`no entity of this worker owns the stream ${stream}`);
    return found;
  };
  return {
    loadEntity: async (request) => {
      const loaded = await whileAlive(() => of(request).loadEntity(request));
      return { ...loaded, runId: runId() };
    },
    decideAndAppend: async (request) => {
      return afterReset(request) ?? whileAlive(() => of(request).decideAndAppend(request));
    },
    runEffect: (request) => whileAlive(() => of(request).runEffect(request)),
    saveSnapshot: (request) => of(request).saveSnapshot(request),
  };
}

/**
 * The answer to a request that was made before its workflow was reset. The workflow may not know of
 * the reset yet, as when the activity was under way: decided now, a command would meet another
 * state than the one on which its sender was answered.
 */
function afterReset({ loadedIn, fold }: DecideRequest): DecideResult | undefined {
  const isOfThisRun = loadedIn === undefined || loadedIn === runId();
  return isOfThisRun ? undefined : { outcomes: [], events: [], revision: fold.revision, wasReset: true };
}

function runId(): string {
  return activityInfo().workflowExecution?.runId ?? '';
}
