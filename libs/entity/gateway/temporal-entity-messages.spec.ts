import { describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import { EntityBusyError } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const INVALID_ARGUMENT = 3;

const stream = 'account-default.alice';
const commands = [envelopeOf({ type: 'Deposit', data: { amount: 1 } }, 'deposit')];

function runOf(bytes: number) {
  const { DescribeWorkflowExecutionResponse } = temporal.api.workflowservice.v1;
  const execution = { workflowId: stream, runId: 'run' };
  return DescribeWorkflowExecutionResponse.fromObject({
    workflowExecutionInfo: {
      execution,
      type: { name: 'account' },
      status: 'WORKFLOW_EXECUTION_STATUS_RUNNING',
      startTime: { seconds: 0 },
      historyLength: 100,
      historySizeBytes: bytes,
    },
  });
}

describe('a message to an entity', () => {
  it('is refused while its run holds so much that Temporal might terminate it, and goes out again after', async () => {
    let bytes = 50_000_000;
    let sent = 0;
    const messages = new TemporalEntityMessages(
      scriptedTemporal({
        describeWorkflowExecution: async () => runOf(bytes),
        signalWithStartWorkflowExecution: async () => {
          sent += 1;
          return { runId: 'run' };
        },
      }),
    );
    for (let index = 0; index < 24; index += 1) await messages.signal(stream, commands);
    await expect(messages.signal(stream, commands)).rejects.toThrow(EntityBusyError);
    await expect(messages.update(stream, commands)).rejects.toThrow(EntityBusyError);
    // Waking an entity adds no command that would wait in it.
    await messages.signal(stream, []);
    expect(sent).toBe(25);
    bytes = 50_000;
    await messages.signal(stream, commands);
    expect(sent).toBe(26);
  });

  it('is refused while its run takes no more signals; what is wrong with the message itself is a defect', async () => {
    const refusing = (details: string) => {
      const refuse = () => Promise.reject(new GrpcError(INVALID_ARGUMENT, details));
      return new TemporalEntityMessages(scriptedTemporal({ signalWithStartWorkflowExecution: refuse }));
    };
    const full = refusing('exceeded workflow execution limit for signal events');
    await expect(full.signal(stream, commands)).rejects.toThrow(EntityBusyError);
    const tooLarge = refusing('Blob data size exceeds limit.');
    await expect(tooLarge.signal(stream, commands)).rejects.not.toThrow(EntityBusyError);
  });
});
