import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import { EntityBusyError, OutcomeUnknownError } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const { ADMITTED, ACCEPTED, COMPLETED } = {
  ADMITTED: 1,
  ACCEPTED: 2,
  COMPLETED: 3,
};

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

const settled = [{ status: 'accepted', commandId: 'c', revision: 1 }];
const outcome = { success: { payloads: [defaultPayloadConverter.toPayload(settled)] } };
const updateRef = { workflowExecution: { workflowId: stream, runId: 'run' }, updateId: 'u' };

/** An entity that has answered an update, and so is known to run. `answer`: to later updates. */
async function knownEntity(answer: (call: number) => Promise<object>) {
  const calls = { starts: 0, updates: 0, polls: 0 };
  const messages = new TemporalEntityMessages(
    scriptedTemporal({
      executeMultiOperation: async () => {
        calls.starts += 1;
        const updateWorkflow = { stage: COMPLETED, outcome, updateRef };
        return { responses: [{ startWorkflow: { runId: 'run' } }, { updateWorkflow }] };
      },
      updateWorkflowExecution: () => answer((calls.updates += 1)),
      pollWorkflowExecutionUpdate: async () => {
        calls.polls += 1;
        return { outcome };
      },
    }),
  );
  await messages.update(stream, commands);
  return { messages, calls };
}

const fail = (code: number) => Promise.reject(new GrpcError(code, 'failed'));

describe('an update of an entity that has answered one before', () => {
  it('is one call, without an attempt to start it', async () => {
    const { messages, calls } = await knownEntity(async () => ({ stage: COMPLETED, outcome, updateRef }));
    expect(await messages.update(stream, commands)).toEqual(settled);
    expect(calls).toEqual({ starts: 1, updates: 1, polls: 0 });
  });

  it('starts the entity if it has been passivated since', async () => {
    const { messages, calls } = await knownEntity(() => fail(NOT_FOUND));
    expect(await messages.update(stream, commands)).toEqual(settled);
    expect(calls).toEqual({ starts: 2, updates: 1, polls: 0 });
  });

  it('is polled for once it was accepted without an outcome', async () => {
    const { messages, calls } = await knownEntity(async () => ({ stage: ACCEPTED, updateRef }));
    let isAccepted = false;
    expect(await messages.update(stream, commands, () => (isAccepted = true))).toEqual(settled);
    expect(isAccepted).toBe(true);
    expect(calls).toEqual({ starts: 1, updates: 1, polls: 1 });
  });

  it('was not taken if refused at once, and has an unknown outcome if refused after it had arrived', async () => {
    const refused = await knownEntity(() => fail(RESOURCE_EXHAUSTED));
    await expect(refused.messages.update(stream, commands)).rejects.toThrow(EntityBusyError);
    const arrived = await knownEntity(async (call) =>
      call === 1 ? { stage: ADMITTED, updateRef } : fail(RESOURCE_EXHAUSTED),
    );
    await expect(arrived.messages.update(stream, commands)).rejects.toThrow(OutcomeUnknownError);
  });

  it('that no worker takes in time does not mean that Temporal is unavailable', async () => {
    const { messages } = await knownEntity(() => fail(DEADLINE_EXCEEDED));
    await expect(messages.update(stream, commands)).rejects.toThrow(WorkflowUpdateRPCTimeoutOrCancelledError);
  });
});
