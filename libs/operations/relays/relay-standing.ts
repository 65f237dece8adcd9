import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { UnavailableError } from '#libs/core/problems.js';
import { relayWorkflowId } from '#libs/relay/ensure-relay.js';
import type { RelayProgress } from '#libs/relay/relay.js';

const DEADLINE_MILLISECONDS = 2_500;
const NOT_FOUND = 5;

/** How the relay of a category is doing, wherever it runs: as Temporal, which supervises it, was last told. */
export interface RelayStanding extends Partial<RelayProgress> {
  readonly category: string;
  /** `waiting`: no process is it at this moment, or the last one failed; `missing`: nobody ever started it. */
  readonly state: 'running' | 'waiting' | 'missing';
  readonly worker?: string;
  readonly heardAt?: string;
  /** Starts since it last handed over by itself. */
  readonly attempt?: number;
  readonly failure?: string;
}

/** Asks Temporal for the relay of a category. Throws `UnavailableError`. */
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
