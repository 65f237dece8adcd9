import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Pool } from 'pg';
import type { BlobOwner } from '#libs/blob/blob-store.js';
import { flowOfOwner } from '#libs/blob/flow-of-owner.js';
import { isUpload } from '#libs/blob/upload-owner.js';
import { flowsTable } from './flows.projection.js';

const DESCRIBE_MILLISECONDS = 5_000;
/** For a flow that the view does not show, as while it is rebuilt. */
const UNKNOWN_DAYS = 7;

const ENDED = `SELECT ended_at IS NOT NULL AS ended FROM read_model.${flowsTable.name}
               WHERE type = $1 AND tenant = $2 AND id = $3`;

export interface FlowBlobsOptions {
  readonly client: Client;
  readonly pool: Pool;
  /** The types of flows that the service hosts. */
  readonly types: readonly string[];
}

/**
 * Whether a flow may need its blobs: while Temporal knows its workflow, and while it is open, since
 * a lost flow can be restarted. What belongs to nothing that this service hosts counts as in use.
 */
export function areBlobsInUse({ client, pool, types }: FlowBlobsOptions) {
  const isKnown = async (workflowId: string) => {
    try {
      await client.withDeadline(Date.now() + DESCRIBE_MILLISECONDS, () =>
        client.workflow.getHandle(workflowId).describe(),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return async ({ owner, newestAt }: BlobOwner): Promise<boolean> => {
    if (isUpload(owner)) return false;
    const flow = flowOfOwner(owner);
    if (!flow || !types.includes(flow.category)) return true;
    if ((await isKnown(owner)) || (flow.stream !== owner && (await isKnown(flow.stream)))) return true;
    const { rows } = await pool.query<{ ended: boolean }>(ENDED, [flow.category, flow.tenant, flow.id]);
    const [row] = rows;
    if (row) return !row.ended;
    return Date.now() - newestAt.getTime() < UNKNOWN_DAYS * 86_400_000;
  };
}
