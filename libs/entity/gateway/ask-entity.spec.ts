import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import { createEntityGateway } from './temporal-entity-gateway.js';

const COMPLETED = 2;
const NOT_OPEN = temporal.api.enums.v1.QueryRejectCondition.QUERY_REJECT_CONDITION_NOT_OPEN;
const stream = 'checkout-default.c1';
const fold = { revision: 0, stateVersion: 1, state: { status: 'compensated' } };
const loading = null;

/**
 * Asks an entity of another service, which has ended or not. Its workflow answers queries as given,
 * the last answer for good; a closed run refuses those that are for open ones.
 */
async function ask(run: 'open' | 'ended', ...answers: readonly unknown[]) {
  const left = [...answers];
  const cost = { queries: 0, wakes: 0 };
  const client = scriptedTemporal({
    queryWorkflow: async ({
      queryRejectCondition,
    }: temporal.api.workflowservice.v1.IQueryWorkflowRequest) => {
      cost.queries += 1;
      if (run === 'ended' && queryRejectCondition === NOT_OPEN)
        return { queryRejected: { status: COMPLETED } };
      const answer = left.length > 1 ? left.shift() : left[0];
      return { queryResult: { payloads: [defaultPayloadConverter.toPayload(answer)] } };
    },
    signalWithStartWorkflowExecution: async () => {
      cost.wakes += 1;
      return { runId: 'run' };
    },
  });
  const store = new MemoryEventStore();
  const started = { id: 'e-1', type: 'CheckoutStarted', data: {}, metadata: {} } as EventToAppend;
  if (answers.length > 0) await store.append(stream, -1, [started]);
  const gateway = createEntityGateway({ client, store, deciders: {} });
  return { state: await gateway.ask(stream), ...cost };
}

describe('an entity of another service', () => {
  it('answers while its workflow is open', async () => {
    expect(await ask('open', fold)).toEqual({ state: fold.state, queries: 1, wakes: 0 });
  });

  it('answers once it is loaded, without being woken again', async () => {
    const answer = await ask('open', loading, loading, fold);
    expect(answer).toEqual({ state: fold.state, queries: 3, wakes: 0 });
  });

  it('is woken when it has ended, and answers although it ends again at once', async () => {
    const answer = await ask('ended', loading, fold);
    expect(answer).toEqual({ state: fold.state, queries: 3, wakes: 1 });
  });

  it('is not woken when there is none', async () => {
    expect(await ask('ended')).toEqual({ state: undefined, queries: 1, wakes: 0 });
  });
});
