import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { streamOfPlace } from '#libs/core/callback-place.js';
import type { JsonObject } from '#libs/core/json.js';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import { activityIdOf } from '#libs/flow/protocol/flow-activities.js';

const DEADLINE = 2_000;

/** `PENDING_ACTIVITY_STATE_SCHEDULED` */
const SCHEDULED = 1;

/** The activity that stands for an open callback. */
export interface WatchId {
  readonly workflowId: string;
  readonly activityId: string;
}

export function watchIdOf(place: string): WatchId {
  return { workflowId: streamOfPlace(place), activityId: activityIdOf(place) };
}

/** How the activity of a callback stands. `starting`: no worker has taken it yet. */
export async function standingOf(
  client: Client,
  { workflowId, activityId }: WatchId,
): Promise<'starting' | 'started' | 'over' | 'not running'> {
  const pending = await pendingIn(client, workflowId);
  if (!pending) return 'not running';
  const found = pending.find((one) => one.activityId === activityId);
  if (!found) return 'over';
  return Number(found.state) === SCHEDULED ? 'starting' : 'started';
}

/** The latest progress of each open callback of a flow, by its place. */
export async function progressOf(
  client: Client,
  stream: string,
  places: readonly string[],
): Promise<JsonObject> {
  const byId = new Map(places.map((place) => [activityIdOf(place), place]));
  const found = (await pendingIn(client, stream))?.flatMap(({ activityId, heartbeatDetails }) => {
    const place = byId.get(activityId ?? '');
    const [payload] = heartbeatDetails?.payloads ?? [];
    return place === undefined || !payload
      ? []
      : [[place, defaultPayloadConverter.fromPayload(payload)] as const];
  });
  return Object.fromEntries(found ?? []) as JsonObject;
}

/**
 * The activities of a run that have not ended; undefined if there is no run. No worker is asked.
 */
async function pendingIn(client: Client, workflowId: string) {
  try {
    const { raw, status } = await client.withDeadline(Date.now() + DEADLINE, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return status.name === 'RUNNING' ? (raw.pendingActivities ?? []) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw new EngineUnavailableError('temporal', { cause: error });
  }
}
