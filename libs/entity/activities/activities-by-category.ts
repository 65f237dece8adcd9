import { activityInfo } from '@temporalio/activity';
import type { WorkerInterceptors } from '@temporalio/worker';
import { parseStreamName } from '#libs/core/entity-id.js';
import type {
  DecideRequest,
  DecideResult,
  EntityActivities,
} from '#libs/entity/protocol/activity-messages.js';
import { homeQueueOf, type Partitions } from '#libs/entity/protocol/task-queues.js';
import { failuresWithoutValues } from './failure.interceptor.js';
import { heartbeats } from './heartbeat.interceptor.js';

/** The interceptors of a worker that runs activities of entities. */
export const entityInterceptors: WorkerInterceptors = { activity: [failuresWithoutValues, heartbeats] };

/**
 * The activities of a worker that runs entities of several categories. The stream name says which
 * entity a request is for. An entity on another task queue than its own is told to move.
 */
export function activitiesByCategory(
  entities: Readonly<Record<string, EntityActivities>>,
  partitions: Partitions = {},
): EntityActivities {
  const of = ({ stream }: { readonly stream: string }): EntityActivities => {
    const found = entities[parseStreamName(stream)?.category ?? ''];
    if (!found) throw new TypeError(`no entity of this worker owns the stream ${stream}`);
    return found;
  };
  return {
    loadEntity: async (request) => ({ ...(await of(request).loadEntity(request)), runId: runId() }),
    decideAndAppend: async (request) =>
      afterReset(request) ?? {
        ...(await of(request).decideAndAppend(request)),
        ...moveOf(request.stream, partitions),
      },
    runEffect: (request) => of(request).runEffect(request),
    tryEffect: (request) => of(request).tryEffect(request),
    saveSnapshot: (request) => of(request).saveSnapshot(request),
  };
}

/**
 * Answers a request that was made before its workflow was reset. The workflow may not know of the
 * reset yet, for example if the activity was under way. Deciding now would use another state than
 * the one on which the sender was answered.
 */
function afterReset({ loadedIn, fold }: DecideRequest): DecideResult | undefined {
  const isOfThisRun = loadedIn === undefined || loadedIn === runId();
  return isOfThisRun ? undefined : { outcomes: [], events: [], revision: fold.revision, wasReset: true };
}

function moveOf(stream: string, partitions: Partitions): Pick<DecideResult, 'moveTo'> {
  const home = homeQueueOf(stream, partitions);
  return home === activityInfo().taskQueue ? {} : { moveTo: home };
}

function runId(): string {
  return activityInfo().workflowExecution?.runId ?? '';
}
