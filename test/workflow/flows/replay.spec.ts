import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { readHistories, writeHistory } from '../history-file.js';
import { probeServer } from './probe-server.js';
import { recordedFlows } from './recorded-flows.js';

jest.setTimeout(120_000);

keepTemporalQuiet();

const FOLDER = 'test/workflow/histories/flows';
const codePath = resolve('dist/test/workflow/flows/workflows.bundle.js');
const names = Object.keys(recordedFlows).sort();

/** Replays histories with the current code, and returns what comes of each. */
async function replay(histories: ReturnType<typeof readHistories>): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  const byId = new Map(histories.map(({ workflowId, name }) => [workflowId, name]));
  const replays = Worker.runReplayHistories({ workflowBundle: { codePath } }, histories);
  for await (const { workflowId, error } of replays) {
    results[byId.get(workflowId) ?? workflowId] = error?.message ?? 'as recorded';
  }
  return results;
}

if (process.env['RECORD_HISTORIES'] === '1') {
  describe('recording', () => {
    let attempts = 0;
    const thrice = async () => {
      attempts += 1;
      throw new Error(`attempt ${attempts} fails`);
    };
    const call = async () => ({});
    const server = probeServer({ calls: { act: call, undo: call, thrice, picky: call } });
    beforeAll(() => server.open());
    afterAll(() => server.close());

    it.each(names)('%s', async (name) => {
      const probe = await recordedFlows[name]?.(server);
      const handle = server.client.workflow.getHandle(probe?.stream ?? '');
      await handle.result();
      writeHistory(name, await handle.fetchHistory(), FOLDER);
    });
  });
}

describe('the histories of flows that run since another day', () => {
  const histories = (change?: (text: string) => string, isWanted?: (name: string) => boolean) =>
    readHistories(isWanted, change, FOLDER);

  it('are there, for every verb', () => expect(histories().map(({ name }) => name)).toEqual(names));

  it('are replayed by the code of today', async () => {
    expect(await replay(histories())).toEqual(Object.fromEntries(names.map((name) => [name, 'as recorded'])));
  });

  it('are refused by code that does something else', async () => {
    const changed = histories(
      (text) => text.replaceAll('"name":"performStep"', '"name":"chargeTwice"'),
      (name) => name === 'call',
    );
    expect((await replay(changed))['call']).toMatch(/TMPRL1100/);
  });
});
