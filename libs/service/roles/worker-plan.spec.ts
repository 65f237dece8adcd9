import { describe, expect, it } from '@jest/globals';
import { planFormer, planWorkers } from './worker-plan.js';

const queues = ['book', 'loan'];
const plan = (given: Partial<Parameters<typeof planWorkers>[0]>) =>
  planWorkers({ queues, roles: ['entities'], settings: [], partitions: {}, cachedEntities: 500, ...given });

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

describe('the workers of a divided task queue', () => {
  const partitions = { book: 2 };
  const names = (given: Parameters<typeof plan>[0]) =>
    plan({ partitions, ...given }).map(({ role, taskQueue }) => `${role} of ${taskQueue}`);

  it('poll each partition for entities, which share the cache, and one queue for the rest', () => {
    expect(names({ roles: ['entities', 'effects', 'flows'] })).toEqual([
      'entities of book-0',
      'entities of book-1',
      'entities of loan',
      'effects of book',
      'effects of loan',
      'flows of book',
      'flows of loan',
    ]);
    expect(plan({ partitions }).map(({ cachedWorkflows }) => cachedWorkflows)).toEqual([166, 166, 166]);
  });

  it('may name a partition, or a former one', () => {
    for (const name of ['book', 'book-1', 'book-63']) {
      const settings = [{ roles: ['entities' as const, 'effects' as const], taskQueue: { name, place: '' } }];
      expect(names({ roles: ['entities', 'effects'], settings })).toEqual([
        `entities of ${name}`,
        'effects of book',
      ]);
    }
    const settings = [{ roles: ['entities' as const], taskQueue: { name: 'book-64', place: 'x' } }];
    expect(() => names({ settings })).toThrow(
      'x: there is no task queue book-64; there are book-0, book-1, loan',
    );
  });

  it('poll former queues as the workers do that name none', () => {
    const all = { queues, partitions, roles: ['entities' as const], cachedEntities: 500 };
    expect(planFormer({ ...all, settings: [] })).toMatchObject({ role: 'entities', cachedWorkflows: 166 });
    const slots = { workflowTasks: 3 };
    expect(planFormer({ ...all, settings: [{ roles: ['entities'], slots }] })).toMatchObject({ slots });
    const taskQueue = { name: 'book-0', place: '' };
    expect(planFormer({ ...all, settings: [{ roles: ['entities'], taskQueue }] })).toBeUndefined();
  });

  it('do not start for a queue that does not exist', () => {
    expect(() => plan({ partitions: { lone: 2 } })).toThrow(
      'TASK_QUEUE_PARTITIONS: there is no task queue lone; there are book, loan, account,',
    );
  });
});
