import { expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { relayStandings } from './relay-standing.js';

const [SCHEDULED, STARTED] = [1, 2];
const progress = { thing: { behindSeconds: 0 }, other: { failure: 'unfit topics' } };

/** What is told of the relay of two categories whose activity is in a state. */
async function standings(state: number) {
  const activity = {
    state,
    attempt: 2,
    lastHeartbeatTime: { seconds: 1_700_000_000 },
    heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(progress)] },
  };
  const client = {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflow: {
      getHandle: () => ({ describe: async () => ({ raw: { pendingActivities: [activity] } }) }),
    },
  } as unknown as Client;
  return (await relayStandings(client, 'thing', ['thing', 'other'])).map((one) => one.state);
}

it('a relay runs where a worker runs it, and with categories that it does not leave out', async () => {
  expect(await standings(STARTED)).toEqual(['running', 'waiting']);
});

it('a relay waits while no worker runs it, whatever the last one said', async () => {
  expect(await standings(SCHEDULED)).toEqual(['waiting', 'waiting']);
});
