import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProbeDriver, probeServer } from './probe-server.js';

const server = probeServer({ calls: { act: async () => ({}) } });
beforeAll(() => server.open());
afterAll(() => server.close());

/** The probe of a schedule at a time. It is started as Temporal's schedules start workflows. */
function tick(input: JsonObject, id = `daily-${randomUUID()}-2026-10-25T01:30:00Z`) {
  const probe = new ProbeDriver(server, id);
  const scheduled = { schedule: 'test-default.daily', input, timeField: 'at' };
  const started = server.client.workflow.start('probe', {
    workflowId: probe.stream,
    taskQueue: 'probe',
    args: [{ stream: streamName('probe', 'daily'), scheduled }],
  });
  return { probe, id, started };
}

describe('a flow that a schedule starts', () => {
  it('begins by itself, with the scheduled time, and belongs to nobody', async () => {
    const { probe, started } = tick({ script: 'progress' });
    await started;
    await server.skip(12_000);
    await probe.ended();
    const [first] = server.store.eventsOf(probe.stream);
    expect(first).toMatchObject({
      type: 'FlowStarted',
      data: { input: { script: 'progress', at: '2026-10-25T01:30:00.000Z' } },
      metadata: { actor: 'system:schedule', $causationId: 'test-default.daily' },
    });
    expect(first?.data).not.toHaveProperty('startedBy');
    const history = await (await started).fetchHistory();
    const workflowBundle = { codePath: 'dist/test/workflow/flows/workflows.bundle.js' };
    await Worker.runReplayHistory({ workflowBundle }, history, probe.stream);
  });

  it('is started once, even if its time comes again', async () => {
    const first = tick({ script: 'call' });
    await first.probe.ended();
    await (await first.started).result();
    // Another input, because the schedule may have changed in between.
    const again = tick({ script: 'sleep', with: { time: '1h' } }, first.id);
    await (await again.started).result();
    expect(again.probe.events.filter((type) => type === 'FlowStarted')).toHaveLength(1);
  });

  it('fails its workflow with the code if the flow refuses to start', async () => {
    const { started, probe } = tick({ script: 'call', text: 'x'.repeat(70_000) });
    const failed = await (await started).result().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    expect((failed as WorkflowFailedError).cause).toMatchObject({
      type: 'FLOW.TOO_LARGE',
      nonRetryable: true,
    });
    expect(probe.events).toEqual([]);
  });
});
