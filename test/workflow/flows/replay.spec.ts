import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { readHistories, replayedByName, writeHistory } from '../history-file.js';
import { createCartDecider } from '../../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../../apps/cart/src/domain/cart.fixture.js';
import { approvalDecider } from '../../../apps/desk/src/domain/approval.decider.js';
import { callbackDecider } from '../../../apps/desk/src/domain/callback.decider.js';
import {
  recordedMails,
  recordedOperations,
  recordedPayments,
  recordedProbes,
  recordedReminders,
  recordedReports,
} from './recorded-flows.js';

keepTemporalQuiet();

const FOLDER = 'test/workflow/histories/flows';

/** Who runs the flows, and the runs that are recorded. */
const recorded = [
  { bundle: 'test/workflow/flows', deciders: [decider('probe', 'Note', 'Go')], runs: recordedProbes },
  {
    bundle: 'test/workflow/flows',
    deciders: [decider('cardPayment', 'PaymentChanged'), callbackDecider],
    runs: recordedReports,
  },
  {
    bundle: 'apps/account',
    deciders: [decider('cardPayment', 'PaymentChanged'), decider('cardOperation', 'PaymentChanged')],
    runs: { ...recordedPayments, ...recordedOperations },
  },
  {
    bundle: 'apps/cart',
    deciders: [decider('cartReminder', 'CartChanged'), createCartDecider(timing)],
    runs: recordedReminders,
  },
  { bundle: 'apps/desk', deciders: [decider('approvalMail'), approvalDecider], runs: recordedMails },
];
/** Runs that only an earlier build could record, with what has changed since. */
const earlier = {
  // The provider names its webhooks, and is asked nonetheless.
  'apps/account': ['card-operation-before-reports'],
};
const names = [...recorded.flatMap(({ runs }) => Object.keys(runs)), ...Object.values(earlier).flat()].sort();

function decider(name: string, ...messages: string[]) {
  return flowDecider({ name, messages });
}

function bundleOf(app: string): string {
  return resolve('dist', app, 'workflows.bundle.js');
}

/** The outside world: the second try of a payment with `tok_fails` finds that it has failed. */
async function answer(data: JsonObject): Promise<JsonObject> {
  const { card } = data;
  if (card !== undefined) return { id: card, state: 'processing', ...reportsOf(card) };
  return { id: 'c-1', state: data['id'] === 'tok_fails' ? 'failed' : 'succeeded' };
}

const reportsOf = (card: Json) => (card === 'tok_reported' ? { webhooks: 'card' } : {});

/** What becomes of the payments of operations, as often as they are looked at. */
const states = { authorise: ['processing', 'created'], capture: ['created', 'processing', 'succeeded'] };
const looks = new Map<string, number>();

async function look(data: JsonObject): Promise<JsonObject> {
  const { id } = data as { readonly id: string };
  const [operation] = id.split('-');
  if (operation !== 'authorise' && operation !== 'capture') return answer(data);
  const seen = looks.get(id) ?? 0;
  looks.set(id, seen + 1);
  return { id, state: states[operation][seen] ?? 'voided' };
}

async function operate({ id = '', card }: JsonObject): Promise<JsonObject> {
  return { id, state: 'processing', ...(card !== undefined && reportsOf(card)) };
}

async function refuse(): Promise<never> {
  throw new Error('away');
}

const calls = {
  ...{ act: answer, undo: answer, picky: answer, thrice: refuse },
  ...{ 'charge-card': answer, 'card-status': look, 'refund-card': answer, 'void-card': answer },
  ...{ 'authorise-card': operate, 'capture-card': operate, 'undo-card': operate },
  ...{ 'send-mail': answer, 'mail-links': answer },
};

const callbackUrl = () => 'https://perdure.example/v1/callback-addresses?token=none';

if (process.env['RECORD_HISTORIES'] === '1') {
  describe.each(recorded)('recording of $bundle', ({ bundle, deciders, runs }) => {
    const server = new TimeSkippingServer({ deciders, workflowBundle: bundleOf(bundle), calls, callbackUrl });
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
    expect(await replayedByName(bundleOf(bundle), own)).toEqual(expected);
  });

  it.each(Object.entries(earlier))('of an earlier build of %s are replayed too', async (bundle, runs) => {
    const own = histories(undefined, (name) => runs.includes(name));
    expect(await replayedByName(bundleOf(bundle), own)).toEqual(
      Object.fromEntries(runs.map((name) => [name, 'as recorded'])),
    );
  });

  it('are refused by code that does something else', async () => {
    const changed = histories(
      (text) => text.replaceAll('"name":"performStep"', '"name":"chargeTwice"'),
      (name) => name === 'call',
    );
    expect((await replayedByName(bundleOf('test/workflow/flows'), changed))['call']).toMatch(/TMPRL1100/);
  });
});
