import type { Client } from '@temporalio/client';
import { eachOf } from '#libs/runtime/each-of.js';
import type { Entities } from '../entities.js';
import { BARE_QUEUE, HANDLED_QUERY, NOOP_SIGNAL, NOOP_UPDATE } from './messages.js';

const STARTED_AT_A_TIME = 8;
/** As long as a command. */
const ARGUMENT = 'x'.repeat(400);

/** Starts bare workflows, which are sent messages by the official client. */
export async function startBareWorkflows(client: Client, prefix: string, count: number): Promise<Entities> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const handled = (name: string): Promise<number> =>
    client.workflow.getHandle(name).query<number>(HANDLED_QUERY);
  await eachOf(names, STARTED_AT_A_TIME, async (workflowId) => {
    await client.workflow.start('bare', { workflowId, taskQueue: BARE_QUEUE, args: [0] });
    await handled(workflowId);
  });
  return {
    names,
    send: (name) => client.workflow.getHandle(name).signal(NOOP_SIGNAL, ARGUMENT),
    execute: async (name) =>
      void (await client.workflow
        .getHandle(name)
        .executeUpdate<number, [string]>(NOOP_UPDATE, { args: [ARGUMENT] })),
    handled,
  };
}
