import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** The type of the workflow that is running under an id, or undefined if none is. */
export async function runningType(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const { status, type } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' ? type : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
