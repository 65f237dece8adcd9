import { describe, expect, it } from '@jest/globals';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import { createCommandDoor } from './command-door.js';
import { EngineUnavailableError, type Receipt } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

const stream = 'account-default.alice';
const command = envelopeOf({ type: 'Deposit', data: { amount: 1 } }, 'deposit');

/** A door on a Temporal that answers updates with one error, and signals with none or one. */
function door(update: GrpcError, signal?: GrpcError) {
  let signals = 0;
  const client = scriptedTemporal({
    executeMultiOperation: () => Promise.reject(update),
    signalWithStartWorkflowExecution: () => {
      if (signal) return Promise.reject(signal);
      signals += 1;
      return Promise.resolve({ runId: 'run' });
    },
  });
  const receipt = async (): Promise<Receipt> => ({ status: 'pending', commandId: command.commandId });
  const made = createCommandDoor(new TemporalEntityMessages(client), { receipt });
  return { execute: (wait: number) => made.execute(stream, [command], wait), signals: () => signals };
}

describe('a command whose outcome is waited for', () => {
  it('is made durable and pending when the update ends before the wait', async () => {
    const { execute, signals } = door(new GrpcError(DEADLINE_EXCEEDED, 'Deadline exceeded'));
    expect(await execute(100)).toEqual([{ status: 'pending', commandId: command.commandId }]);
    expect(signals()).toBe(1);
  });

  it('is not known to be durable while Temporal is away', async () => {
    const away = new GrpcError(UNAVAILABLE, 'No connection established');
    await expect(door(away).execute(100)).rejects.toMatchObject({ engine: 'temporal' });
    const late = new GrpcError(DEADLINE_EXCEEDED, 'Deadline exceeded');
    await expect(door(late, late).execute(100)).rejects.toThrow(EngineUnavailableError);
  });
});
