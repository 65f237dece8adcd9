import { expect, it } from '@jest/globals';
import { SERVICE_NAMES } from '#contracts/services.js';
import type { ListedProcess } from '#libs/operations/workers/workers.schemas.js';
import { eventually, request } from '../support/account-rest.js';

it('the processes of all services and their workers are listed at one address', async () => {
  const list = async () => {
    const { body } = await request(`${process.env['PERDURE_URL']}/v1/workers`);
    return ((body['data'] ?? []) as readonly ListedProcess[]).filter(({ state }) => state === 'running');
  };
  const hasAll = (found: readonly ListedProcess[]) =>
    SERVICE_NAMES.every((name) =>
      found.some(
        ({ service, workers }) => service === name && workers.some(({ backlog }) => backlog !== undefined),
      ),
    );
  const found = await eventually(list, hasAll);
  const account = found.find(({ service }) => service === 'account');
  expect(account?.workers.map(({ worker }) => worker).toSorted()).toEqual([
    'account',
    'account-calls',
    'account-effects',
    'account-leaves',
    'account-relay',
  ]);
  expect(account?.workers.find(({ worker }) => worker === 'account')).toMatchObject({
    state: 'running',
    slots: { workflowTasks: { total: 16 } },
    cache: { total: 500 },
  });
});
