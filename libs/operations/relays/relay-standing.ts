import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { UnavailableError } from '#libs/core/problems.js';
import { relayWorkflowId } from '#libs/relay/ensure-relay.js';
import type { RelayProgress } from '#libs/relay/relay.js';

const DEADLINE_MILLISECONDS = 2_500;
const NOT_FOUND = 5;

/**
 * The progress of a category's relay, wherever it runs, as last reported to Temporal, which
 * supervises it.
 */
export interface RelayStanding extends Partial<RelayProgress> {
  readonly category: string;
  /**
   * `waiting`: no process runs it at present, or the last one failed. `missing`: it was never
   * started.
   */
  readonly state: 'running' | 'waiting' | 'missing';
  readonly worker?: string;
  readonly heardAt?: string;
  /** Starts since its last voluntary hand-over. */
  readonly attempt?: number;
  readonly failure?: string;
}

/** Asks Temporal about the relay of a category. Throws `UnavailableError`. */
export async function relayStanding(client: Client, category: string): Promise<RelayStanding> {
  try {
    const { raw } = await client.withDeadline(Date.now() + DEADLINE_MILLISECONDS, () =>
      client.workflow.getHandle(relayWorkflowId(category)).describe(),
    );
    const [activity] = raw.pendingActivities ?? [];
    if (!activity) return { category, state: 'waiting' };
    const [details] = activity.heartbeatDetails?.payloads ?? [];
    const progress = details && defaultPayloadConverter.fromPayload<RelayProgress | null>(details);
    const { attempt, lastHeartbeatTime, lastWorkerIdentity: worker, lastFailure } = activity;
    const heardAt = toIso(lastHeartbeatTime?.seconds);
    return {
      category,
      state: progress && heardAt !== undefined ? 'running' : 'waiting',
      ...progress,
      ...(worker && { worker }),
      ...(heardAt !== undefined && { heardAt }),
      ...(typeof attempt === 'number' && { attempt }),
      ...(lastFailure?.message && { failure: lastFailure.message }),
    };
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return { category, state: 'missing' };
    throw new UnavailableError('temporal', { cause: error });
  }
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
