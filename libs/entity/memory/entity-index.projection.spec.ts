import { expect, it } from '@jest/globals';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { entityIndexView } from './entity-index.projection.js';

interface Task extends JsonObject {
  readonly due: string | null;
}

const decider: AnyDecider = {
  name: 'task',
  stateVersion: 1,
  initialState: { due: null },
  decide: () => [],
  evolve: (before: Task, { type, data }: DomainEvent) => (type === 'Scheduled' ? data : before),
  deadline: ({ due }: Task) =>
    due === null ? undefined : { at: due, subject: 'task', command: { type: 'Ring', data: {} } },
  react: ({ type }: DomainEvent) => {
    const action = { kind: 'call', call: 'bell', data: {} } as const;
    if (type === 'Asked') return [{ key: 'ask', action, reply: 'Hear' }];
    return type === 'Told' ? [{ key: 'tell', action }] : [];
  },
  withdraws: ({ type }: DomainEvent) => (type === 'Dropped' ? ['ask'] : []),
};

const STREAM = 'task-default.one';

type Happened = readonly [type: string, commandId: string, data?: JsonObject];

const indexed = (...happened: readonly Happened[]) => indexedBy(decider, ...happened);

function indexedBy(rules: AnyDecider, ...happened: readonly Happened[]) {
  const view = entityIndexView(rules);
  let state = view.initialState;
  const commands = new Map<string, object>();
  let duty: object | undefined;
  for (const [revision, [type, commandId, data = {}]] of happened.entries()) {
    const at = new Date(Date.UTC(2026, 0, 1, 0, revision)).toISOString();
    const of = { stream: STREAM, category: 'task', revision, at, commandId, actor: 'tester' };
    const event = { type, data, ...of } as PublishedEvent;
    const projected = view.project(state, event);
    state = projected.state;
    for (const row of projected.rows.commands ?? []) commands.set(row.commandId, row);
    duty = projected.rows.duties?.[0] ?? duty;
  }
  return { commands: [...commands.values()], duty };
}

it('has a row for each command, with the types of all its events', () => {
  const { commands, duty } = indexed(['Begun', 'a'], ['Ended', 'a'], ['Begun', 'b']);
  expect(commands).toMatchObject([
    { commandId: 'a', keyId: 'a', revision: 1, events: 'Begun Ended' },
    { commandId: 'b', keyId: 'b', revision: 2, events: 'Begun' },
  ]);
  expect(duty).toBeUndefined();
});

it('knows when an entity is due, until it is not', () => {
  const due = '2026-02-01T00:00:00.000Z';
  expect(indexed(['Scheduled', 'a', { due }]).duty).toMatchObject({ dueAt: due, revision: 0 });
  const over = indexed(['Scheduled', 'a', { due }], ['Scheduled', 'b', { due: null }]);
  expect(over.duty).toMatchObject({ dueAt: null, owedSince: null, revision: 1 });
});

it('knows until when an entity waits that keeps the time itself', () => {
  const { deadline: _, ...others } = decider;
  const sleeper = { ...others, awaits: ({ due }: Task) => due ?? undefined } as AnyDecider;
  const due = '2026-02-01T00:00:00.000Z';
  expect(indexedBy(sleeper, ['Scheduled', 'a', { due }]).duty).toMatchObject({ dueAt: due });
});

it('knows since when an entity has owed an effect, until its outcome is reported', () => {
  const asked = indexed(['Asked', 'a'], ['Begun', 'b']);
  expect(asked.duty).toMatchObject({ dueAt: null, owedSince: '2026-01-01T00:00:00.000Z' });
  const told = indexed(['Asked', 'a'], ['Heard', `${STREAM}@0/ask/reply`]);
  expect(told.duty).toMatchObject({ owedSince: null });
});

it('does not wait for the outcome of an effect that was withdrawn', () => {
  const dropped = indexed(['Asked', 'a'], ['Dropped', 'b']);
  expect(dropped.duty).toMatchObject({ owedSince: null });
  const again = indexed(['Asked', 'a'], ['Dropped', 'b'], ['Asked', 'c']);
  expect(again.duty).toMatchObject({ owedSince: '2026-01-01T00:02:00.000Z' });
});

it("counts an effect without a reply as owed until the stream's next event", () => {
  expect(indexed(['Told', 'a']).duty).toMatchObject({ owedSince: '2026-01-01T00:00:00.000Z' });
  expect(indexed(['Told', 'a'], ['Begun', 'b']).duty).toMatchObject({ owedSince: null });
});
