import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { transferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { accountBundle, accountServer } from './account-server.js';
import { readHistories, replayedByName, writeHistory } from './history-file.js';
import { recordedRuns, restPolicy } from './recorded-runs.js';

keepTemporalQuiet();

const isRecording = process.env['RECORD_HISTORIES'] === '1';

if (isRecording) {
  describe('recording', () => {
    const usual = accountServer({ deciders: [accountDecider, transferDecider] });
    const resting = accountServer({ rest: restPolicy });
    const servers = [usual, resting];
    beforeAll(async () => {
      for (const server of servers) await server.open();
    });
    afterAll(async () => {
      for (const server of servers) await server.close();
    });

    it.each(Object.keys(recordedRuns))('%s', async (name) => {
      const server = name.endsWith('rested') ? resting : usual;
      const run = await recordedRuns[name]?.(server);
      const handle = server.client.workflow.getHandle(run?.workflowId ?? '', run?.runId);
      writeHistory(name, await handle.fetchHistory());
    });
  });
}

describe('the histories of workflows that run since another day', () => {
  it('are there, one for each life that is recorded', () =>
    expect(readHistories().map(({ name }) => name)).toEqual(Object.keys(recordedRuns).sort()));

  it('are replayed by the workflow code of today', async () => {
    const names = Object.keys(recordedRuns);
    expect(await replayedByName(accountBundle, readHistories())).toEqual(
      Object.fromEntries(names.map((name) => [name, 'as recorded'])),
    );
  });

  it.each([
    ['another activity', 'account-store-away', '"name":"loadEntity"', '"name":"openEntity"'],
    ['another effect', 'transfer-completed', '"name":"runEffect"', '"name":"callOut"'],
  ])('are refused by code that schedules other commands: %s', async (_, name, recorded, changed) => {
    const histories = readHistories(
      (file) => file === name,
      (text) => text.replaceAll(recorded, changed),
    );
    const results = await replayedByName(accountBundle, histories);
    expect(results[name]).toMatch(/TMPRL1100/);
  });
});
