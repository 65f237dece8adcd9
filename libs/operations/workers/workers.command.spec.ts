import { describe, expect, it } from '@jest/globals';
import { operatorSession } from '#libs/testing/operator-session.js';
import { workersCommand } from './workers.command.js';
import type { ListedProcess } from './workers.schemas.js';

const operator = operatorSession(workersCommand);
const { run } = operator;

const listed = (state: 'running' | 'draining' | 'paused'): ListedProcess => ({
  id: 'account-work@box:3001',
  process: 'account-work',
  service: 'account',
  state: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  heardAt: '2026-01-01T03:00:00.000Z',
  restarts: 1,
  lastFailure: { at: '2026-01-01T00:00:00.000Z', reason: 'it takes more memory than it may' },
  roles: ['entities', 'effects'],
  build: 'b7',
  memoryBytes: 300 * 2 ** 20,
  memoryLimitBytes: 512 * 2 ** 20,
  workers: [
    {
      worker: 'account',
      state,
      restarts: 0,
      slots: {
        workflowTasks: { used: 2, total: 16 },
        localActivities: { used: 3, total: 100 },
        activities: { used: 0, total: 100 },
      },
      cache: { used: 20, total: 500 },
      backlog: 7,
      backlogSeconds: 1,
    },
  ],
});

const answer = (path: string, what: () => object) => operator.services.answers.set(`/v1/${path}`, what);

it('a list shows each process with its workers', async () => {
  answer('workers', () => ({ data: [listed('running')] }));
  await run();
  expect(operator.shown()).toMatch(
    /account-work@box:3001 +account \(b7\): entities, effects +running +1 .*300 MB of 512 MB +3 h +2026.* it takes more/,
  );
  expect(operator.shown()).toMatch(/ account +running +0 +2\/16 3\/100 0\/100 +7 +20\/500/);
});

describe('an order', () => {
  it('is given to one worker, with a reason', async () => {
    answer('workers/account-work/pause', () => ({ processes: ['account-work@box:3001'] }));
    await run('pause', 'account-work/account', '--reason', 'a look at its queue');
    expect(operator.services.asked).toEqual([
      {
        method: 'POST',
        path: '/v1/workers/account-work/pause',
        body: { worker: 'account', reason: 'a look at its queue' },
      },
    ]);
  });

  it('to acknowledge is for a process', async () => {
    answer('workers/account-work/acknowledge', () => ({ processes: ['account-work@box:3001'] }));
    await run('acknowledge', 'account-work', '--reason', 'the disk was full');
    expect(operator.services.asked).toMatchObject([{ body: { reason: 'the disk was full' } }]);
    expect(operator.shown()).toMatch('acknowledged: account-work@box:3001');
  });

  it('to drain waits until nothing is under way', async () => {
    const states = ['running', 'draining', 'paused'] as const;
    let asked = 0;
    answer('workers/account-work/drain', () => ({ processes: ['account-work@box:3001'] }));
    answer('workers', () => ({ data: [listed(states[asked++] ?? 'paused')] }));
    await run('drain', 'account-work');
    expect(asked).toBe(3);
    expect(operator.shown()).toMatch(/drained: nothing is under way/);
  });
});
