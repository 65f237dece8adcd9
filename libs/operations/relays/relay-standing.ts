import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { UnavailableError } from '#libs/core/problems.js';
import { relayWorkflowId } from '#libs/relay/ensure-relay.js';
import type { RelayProgress } from '#libs/relay/relay.js';

const DEADLINE_MILLISECONDS = 2_500;
const NOT_FOUND = 5;
/** A worker has taken up the activity, and has reported within its heartbeat time-out. */
const STARTED = 2;

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/**
 * The progress of a relay with a category, wherever it runs, as last reported to Temporal, which
 * supervises it.
 */
export interface RelayStanding extends Partial<RelayProgress> {
  readonly category: string;
  /**
   * `waiting`: no process runs it at present, the last one failed, or it leaves out this category
   * after a failure. `missing`: it was never started.
   */
  readonly state: 'running' | 'waiting' | 'missing';
  readonly worker?: string;
  readonly heardAt?: string;
  /** Starts since its last voluntary hand-over. */
  readonly attempt?: number;
  readonly failure?: string;
}

/** Asks Temporal about the relay of a service. Throws `UnavailableError`. */
export async function relayStandings(
  client: Client,
  service: string,
  categories: readonly string[],
): Promise<readonly RelayStanding[]> {
  try {
    const { raw } = await client.withDeadline(Date.now() + DEADLINE_MILLISECONDS, () =>
      client.workflow.getHandle(relayWorkflowId(service)).describe(),
    );
    const [activity] = raw.pendingActivities ?? [];
    return categories.map((category) =>
      activity ? standingOf(category, activity) : { category, state: 'waiting' },
    );
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return categories.map((category) => ({ category, state: 'missing' }));
    throw new UnavailableError('temporal', { cause: error });
  }
}

function standingOf(category: string, activity: PendingActivity): RelayStanding {
  const [details] = activity.heartbeatDetails?.payloads ?? [];
  const found = details && defaultPayloadConverter.fromPayload<Record<string, RelayProgress> | null>(details);
  const progress = found?.[category];
  const { state, attempt, lastHeartbeatTime, lastWorkerIdentity: worker, lastFailure } = activity;
  const heardAt = toIso(lastHeartbeatTime?.seconds);
  // Progress outlives the one that reported it: while no worker takes over, nothing is published.
  const isRunning = Number(state) === STARTED && progress !== undefined && progress.failure === undefined;
  return {
    category,
    state: isRunning ? 'running' : 'waiting',
    ...(lastFailure?.message && { failure: lastFailure.message }),
    ...progress,
    ...(worker && { worker }),
    ...(heardAt !== undefined && { heardAt }),
    ...(typeof attempt === 'number' && { attempt }),
  };
}

function toIso(seconds: unknown): string | undefined {
  const known = Number(seconds ?? 0);
  return known > 0 ? new Date(known * 1_000).toISOString() : undefined;
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'WorkflowNotFoundError') return NOT_FOUND;
  return (error.cause as { code?: unknown } | undefined)?.code;
}
