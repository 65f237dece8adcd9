import type { Client } from '@temporalio/client';
import { afterEach, expect, it, jest } from '@jest/globals';
import { register } from 'prom-client';
import { showOpenWorkflows } from './open-workflows.js';

const count = jest.fn<(query: string) => Promise<{ count: number }>>();
const client = { withDeadline: (_: number, call: () => unknown) => call(), workflow: { count } };
const begin = () => showOpenWorkflows(client as unknown as Client, ['account', 'transfer']);
const shown = async () =>
  (await register.getSingleMetricAsString('perdure_open_workflows')).split('\n').slice(2);

let running = begin();
afterEach(() => running.close());

it('tells how many are open, and asks Temporal once for many readers', async () => {
  count.mockImplementation(async (query) => ({ count: query.includes("'account'") ? 7 : 0 }));
  const answers = await Promise.all([shown(), shown()]);
  const lines = ['perdure_open_workflows{type="account"} 7', 'perdure_open_workflows{type="transfer"} 0'];
  expect(answers).toEqual([lines, lines]);
  expect(count).toHaveBeenCalledTimes(2);
});

it('tells no number that is not known', async () => {
  running = begin();
  count.mockRejectedValue(new Error('Temporal is away'));
  expect(await shown()).toEqual([]);
});

it('tells nothing of a worker that was stopped', async () => {
  running = begin();
  count.mockResolvedValue({ count: 1 });
  await shown();
  await running.close();
  expect(await shown()).toEqual([]);
});
