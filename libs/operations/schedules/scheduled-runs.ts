import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Pool } from 'pg';
import { parseStreamName } from '#libs/core/entity-id.js';
import { flowsTable } from '../flows/flows.projection.js';
import type { ScheduledRun } from './schedules.schemas.js';

interface Row {
  readonly id: string;
  readonly status: ScheduledRun['status'];
  readonly failure: string | null;
}

type Taken = ScheduleDescription['info']['recentActions'][number];

/** What came of the last starts of a schedule, the latest first. */
export async function runsOf(
  client: Client,
  pool: Pool,
  { info, action }: ScheduleDescription,
): Promise<ScheduledRun[]> {
  const taken = info.recentActions.toReversed();
  const named = taken.map(({ action: { workflow } }) => parseStreamName(workflow.workflowId));
  const { rows } = await pool.query<Row>(
    `SELECT id, status, failure FROM read_model.${flowsTable.name}
     WHERE type = $1 AND tenant = $2 AND id = ANY ($3)`,
    [action.workflowType, named[0]?.tenant, named.map((one) => one?.id)],
  );
  return Promise.all(
    taken.map(async (start, index) => {
      const flow = named[index]?.id ?? start.action.workflow.workflowId;
      const row = rows.find(({ id }) => id === flow);
      return {
        scheduledAt: start.scheduledAt.toISOString(),
        startedAt: start.takenAt.toISOString(),
        flow,
        ...(row ? standingIn(row) : { status: await unshown(client, start) }),
      };
    }),
  );
}

function standingIn({ status, failure }: Row): Pick<ScheduledRun, 'status' | 'failure'> {
  return { status, ...(failure !== null && { failure }) };
}

/** A flow that refused to start has no events, so no view shows it: its workflow has failed. */
async function unshown(client: Client, { action: { workflow } }: Taken): Promise<ScheduledRun['status']> {
  const { workflowId, firstExecutionRunId } = workflow;
  try {
    const { status } = await client.workflow.getHandle(workflowId, firstExecutionRunId).describe();
    return status.name === 'FAILED' ? 'not-started' : 'starting';
  } catch {
    return 'starting'; // Temporal no longer keeps it.
  }
}
