import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { pino } from 'pino';
import { scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import type { WorkerHost } from '#libs/runtime/worker-host.js';
import { FormerQueues } from './former-queues.js';

const closing: FormerQueues[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

/** Temporal with open workflows on these queues, and what is polled of them. */
function formerQueues(open: Set<string>, answers: () => Promise<void> = async () => undefined) {
  const polled = new Set<string>();
  const queries: string[] = [];
  const client = scriptedTemporal({
    listWorkflowExecutions: async ({ query }: { query: string }) => {
      await answers();
      queries.push(query);
      const [, excluded = ''] = query.split('NOT IN');
      const [queue] = [...open].filter((name) => !excluded.includes(`'${name}'`));
      if (queue === undefined) return { executions: [] };
      const { WorkflowExecutionInfo } = temporal.api.workflow.v1;
      const execution = { workflowId: 'w', runId: 'r' };
      const found = { execution, type: { name: 'account' }, taskQueue: queue, startTime: {} };
      return { executions: [WorkflowExecutionInfo.fromObject({ ...found, historyLength: 1 })] };
    },
  });
  const former = new FormerQueues({
    client,
    types: ['account', 'transfer'],
    queues: ['account'],
    polled: ['account-0', 'account-1'],
    start: (queue) => {
      polled.add(queue);
      const shutdown = async () => void polled.delete(queue);
      return { taskQueue: queue, shutdown } as Partial<WorkerHost> as WorkerHost;
    },
    logger: pino({ level: 'silent' }),
    lookEvery: 1,
  });
  closing.push(former);
  const looks = async (count: number) => {
    for (const enough = queries.length + count; queries.length < enough;) await pause(1);
  };
  return { polled, queries, former, looks };
}

describe('former task queues', () => {
  it('are polled while they have entities', async () => {
    const open = new Set(['account', 'account-0', 'account-3']);
    const { polled, looks, former } = formerQueues(open);
    await looks(4);
    expect([...polled]).toEqual(['account', 'account-3']);
    expect(former.workers.map(({ taskQueue }) => taskQueue)).toEqual(['account', 'account-3']);
    open.delete('account-3');
    await looks(20);
    expect([...polled]).toEqual(['account']);
  });

  it('are polled on for some looks after they seem to be empty', async () => {
    const open = new Set(['account']);
    const { polled, looks } = formerQueues(open);
    await looks(3);
    open.clear();
    await looks(1);
    expect([...polled]).toEqual(['account']);
    open.add('account');
    await looks(10);
    expect([...polled]).toEqual(['account']);
  });

  it('are asked for by one query when there are none', async () => {
    const { queries, looks } = formerQueues(new Set(['account-1']));
    await looks(2);
    expect(new Set(queries)).toEqual(
      new Set([
        "WorkflowType IN ('account', 'transfer') AND ExecutionStatus = 'Running' AND TaskQueue NOT IN ('account-0', 'account-1')",
      ]),
    );
  });

  it("are not those that are somebody else's", async () => {
    const { polled, looks } = formerQueues(new Set(['of-a-test', 'account-7']));
    await looks(6);
    expect([...polled]).toEqual(['account-7']);
  });

  it('are looked for again after Temporal was away', async () => {
    let isAway = true;
    const away = async () => {
      if (isAway) throw new Error('away');
    };
    const { polled, looks } = formerQueues(new Set(['account']), away);
    await pause(20);
    isAway = false;
    await looks(2);
    expect([...polled]).toEqual(['account']);
  });
});
