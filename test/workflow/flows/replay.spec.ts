import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { readHistories, writeHistory } from '../history-file.js';
import { createCartDecider } from '../../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../../apps/cart/src/domain/cart.fixture.js';
import { approvalDecider } from '../../../apps/desk/src/domain/approval.decider.js';
import { recordedMails, recordedPayments, recordedProbes, recordedReminders } from './recorded-flows.js';

jest.setTimeout(120_000);

keepTemporalQuiet();

const FOLDER = 'test/workflow/histories/flows';

/** Who runs the flows, and the runs that are recorded. */
const recorded = [
  { bundle: 'test/workflow/flows', deciders: [decider('probe', 'Note', 'Go')], runs: recordedProbes },
  { bundle: 'apps/account', deciders: [decider('cardPayment')], runs: recordedPayments },
  {
    bundle: 'apps/cart',
    deciders: [decider('cartReminder', 'CartChanged'), createCartDecider(timing)],
    runs: recordedReminders,
  },
  { bundle: 'apps/desk', deciders: [decider('approvalMail'), approvalDecider], runs: recordedMails },
];
const names = recorded.flatMap(({ runs }) => Object.keys(runs)).sort();

function decider(name: string, ...messages: string[]) {
  return flowDecider({ name, messages });
}

function bundleOf(app: string): string {
  return resolve('dist', app, 'workflows.bundle.js');
}

/** Replays histories with the current code, and returns what comes of each. */
async function replay(bundle: string, histories: ReturnType<typeof readHistories>) {
  const results: Record<string, string> = {};
  const byId = new Map(histories.map(({ workflowId, name }) => [workflowId, name]));
  const workflowBundle = { codePath: bundleOf(bundle) };
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    results[byId.get(workflowId) ?? workflowId] = error?.message ?? 'as recorded';
  }
  return results;
}

/** The outside world: the second try of a payment with `tok_fails` finds that it has failed. */
async function answer(data: JsonObject): Promise<JsonObject> {
  if (data['card'] !== undefined) return { id: data['card'], state: 'processing' };
  return { id: 'c-1', state: data['id'] === 'tok_fails' ? 'failed' : 'succeeded' };
}

async function refuse(): Promise<never> {
  throw new Error('away');
}

const calls = {
  ...{ act: answer, undo: answer, picky: answer, thrice: refuse },
  ...{ 'charge-card': answer, 'card-status': answer, 'refund-card': answer, 'void-card': answer },
  ...{ 'send-mail': answer, 'mail-links': answer },
};

if (process.env['RECORD_HISTORIES'] === '1') {
  describe.each(recorded)('recording of $bundle', ({ bundle, deciders, runs }) => {
    const server = new TimeSkippingServer({ deciders, workflowBundle: bundleOf(bundle), calls });
    beforeAll(() => server.open());
    afterAll(() => server.close());

    it.each(Object.keys(runs))('%s', async (name) => {
      const flow = await runs[name]?.(server);
      const handle = server.client.workflow.getHandle(flow?.stream ?? '');
      await handle.result();
      writeHistory(name, await handle.fetchHistory(), FOLDER);
    });
  });
}

describe('the histories of flows that run since another day', () => {
  const histories = (change?: (text: string) => string, isWanted?: (name: string) => boolean) =>
    readHistories(isWanted, change, FOLDER);

  it('are there, for every verb and every flow of the applications', () =>
    expect(histories().map(({ name }) => name)).toEqual(names));

  it.each(recorded)('of $bundle are replayed by the code of today', async ({ bundle, runs }) => {
    const own = histories(undefined, (name) => Object.hasOwn(runs, name));
    const expected = Object.fromEntries(Object.keys(runs).map((name) => [name, 'as recorded']));
    expect(await replay(bundle, own)).toEqual(expected);
  });

  it('are refused by code that does something else', async () => {
    const changed = histories(
      (text) => text.replaceAll('"name":"performStep"', '"name":"chargeTwice"'),
      (name) => name === 'call',
    );
    expect((await replay('test/workflow/flows', changed))['call']).toMatch(/TMPRL1100/);
  });
});
