import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { transferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

/** Effects in order: whether each was tried within a workflow task, or run by an activity. */
const effects: ('tried' | 'run')[] = [];
let isSlow = false;

const server = accountServer({
  deciders: [accountDecider, transferDecider],
  wrap: (activities) => ({
    ...activities,
    tryEffect: async (request) => {
      effects.push('tried');
      // Without the limits that a busy machine would exceed.
      return { result: await activities.runEffect(request), ...(isSlow && { wasSlow: true }) };
    },
    runEffect: (request) => {
      effects.push('run');
      return activities.runEffect(request);
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());
beforeEach(() => {
  effects.length = 0;
  isSlow = false;
});

/** Transfers 40, and returns how many times Temporal recorded each kind of event for it. */
async function transfer(by: 'execute' | 'send'): Promise<Readonly<Record<string, number>>> {
  const from = await AccountDriver.with(server, opened, deposited(100));
  const to = await AccountDriver.with(server, opened);
  const stream = streamName('transfer', randomUUID());
  const data = { from: from.id, to: to.id, amount: 40, currency: 'USD' };
  const start = envelopeOf({ type: 'Start', data, at: await server.moment() }, stream);
  if (by === 'send') await server.gateway.send(stream, [start]);
  else await server.gateway.execute(stream, [start], 20_000);
  await until(
    () => server.gateway.state(stream),
    (live) => live?.state['status'] === 'completed',
  );
  expect((await from.folded()).state).toMatchObject({ balance: 60, held: 0 });
  const { events } = await server.client.workflow.getHandle(stream).fetchHistory();
  const counts: Record<string, number> = {};
  for (const event of events ?? []) {
    const kind = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

it('a saga that nobody waits for runs without activities, within its workflow tasks', async () => {
  // On a busy machine, a local activity may run into its time-out: an ordinary one follows.
  await until(
    () => transfer('send'),
    (counts) => counts['activityTaskScheduledEventAttributes'] === undefined,
  );
  expect(effects.slice(-3)).toEqual(['tried', 'tried', 'tried']);
});

it('a sender is answered before the first step is run', async () => {
  await transfer('execute');
  expect(effects[0]).toBe('run');
});

it('after a slow step, the next one is run outside of the workflow task', async () => {
  isSlow = true;
  await transfer('send');
  expect(effects.filter((how) => how === 'tried').length).toBeLessThan(3);
});
