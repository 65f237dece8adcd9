import { describe, expect, it } from '@jest/globals';
import { planWorkers } from './worker-plan.js';

const queues = ['book', 'loan'];
const plan = (given: Partial<Parameters<typeof planWorkers>[0]>) =>
  planWorkers({ queues, roles: ['entities'], settings: [], cachedEntities: 500, ...given });

describe('the workers of a process', () => {
  it('poll every queue for every role, and share the cache', () => {
    expect(plan({ roles: ['entities', 'effects'] })).toEqual([
      { role: 'entities', taskQueue: 'book', slots: {}, cachedWorkflows: 250 },
      { role: 'entities', taskQueue: 'loan', slots: {}, cachedWorkflows: 250 },
      { role: 'effects', taskQueue: 'book', slots: {}, cachedWorkflows: 250 },
      { role: 'effects', taskQueue: 'loan', slots: {}, cachedWorkflows: 250 },
    ]);
  });

  it('poll the queue that their settings name, with slots and a cache of their own', () => {
    const taskQueue = { name: 'loan', place: 'here' };
    const settings = [{ roles: ['entities' as const], taskQueue, slots: { activities: 7 }, cache: 40 }];
    expect(plan({ settings })).toEqual([
      { role: 'entities', taskQueue: 'loan', slots: { activities: 7 }, cachedWorkflows: 40 },
    ]);
    expect(plan({ roles: ['effects'], settings })).toHaveLength(2);
  });

  it('share the cache of their settings, and have never less than the SDK accepts', () => {
    const cached = (cache: number) =>
      plan({ settings: [{ roles: ['entities'], cache }] }).map(({ cachedWorkflows }) => cachedWorkflows);
    expect(cached(31)).toEqual([15, 15]);
    expect(cached(2)).toEqual([2, 2]);
  });

  it('do not start for a queue that does not exist', () => {
    const taskQueue = { name: 'lone', place: 'perdure.config.yaml:4: taskQueue' };
    const settings = [{ roles: ['relay' as const], taskQueue }];
    const text = 'perdure.config.yaml:4: taskQueue: there is no task queue lone; there are book, loan';
    expect(() => plan({ settings })).toThrow(text);
  });
});
