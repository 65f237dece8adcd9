import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold } from './fold-stream.js';
import { saveSnapshot } from './snapshots.js';

/** Asks for what it is told to, and takes it back. */
const decider: AnyDecider = {
  name: 'task',
  stateVersion: 1,
  initialState: {},
  decide: ({ type, data }: DomainEvent) => [{ type: type === 'Ask' ? 'Asked' : 'TakenBack', data }],
  evolve: (state: JsonObject) => state,
  react: ({ type, data }: DomainEvent) =>
    type === 'Asked'
      ? [{ key: data['key'] as string, action: { kind: 'call', call: 'bell', data: {} }, reply: 'Hear' }]
      : [],
  withdraws: ({ type, data }: DomainEvent) => (type === 'TakenBack' ? [data['key'] as string] : []),
};

const stream = 'task-default.one';
let store: MemoryEventStore;
let activities: ReturnType<typeof createEntityActivities>;
beforeEach(() => {
  store = new MemoryEventStore();
  activities = createEntityActivities({ decider, store, logger: pino({ level: 'silent' }) });
});

const ask = (key: string, name = `ask ${key}`) => envelopeOf({ type: 'Ask', data: { key } }, name);
const takeBack = (key: string) => envelopeOf({ type: 'TakeBack', data: { key } }, `take back ${key}`);

async function decide(fold: Fold, ...batch: ReturnType<typeof ask>[]) {
  const request = { stream, fold, batch, now: moment(), searchStream: false };
  const { effects = [], withdrawn = [], revision, hash = '' } = await activities.decideAndAppend(request);
  return { effects: effects.map(({ id }) => id), withdrawn, fold: { ...fold, revision, hash, at: moment() } };
}

async function owedAtBirth(): Promise<string[]> {
  const { effects = [] } = await activities.loadEntity({ stream, now: moment() });
  return effects.map(({ id }) => id);
}

const idOf = (revision: number, key: string) => `${stream}@${revision}/${key}`;

describe('an effect that is withdrawn', () => {
  it('is reported to its entity', async () => {
    const asked = await decide(emptyFold(decider), ask('a'), ask('b'));
    expect(asked).toMatchObject({ effects: [idOf(0, 'a'), idOf(1, 'b')], withdrawn: [] });
    expect(await decide(asked.fold, takeBack('a'))).toMatchObject({ effects: [], withdrawn: ['a'] });
  });

  it('is not asked for when both are decided at once, unless it is asked for again', async () => {
    const start = emptyFold(decider);
    const decided = await decide(start, ask('a'), ask('b'), takeBack('a'), ask('a', 'again'));
    expect(decided).toMatchObject({ effects: [idOf(1, 'b'), idOf(3, 'a')], withdrawn: ['a'] });
  });

  it('is not asked for when another attempt has written of it', async () => {
    const start = emptyFold(decider);
    await decide(start, ask('a'), ask('b'));
    const decided = await decide(start, takeBack('a'));
    expect(decided).toMatchObject({ effects: [idOf(1, 'b')], withdrawn: ['a'] });
  });

  it('is not owed by an entity that is loaded again', async () => {
    const { fold } = await decide(emptyFold(decider), ask('a'), ask('b'), takeBack('a'), ask('a', 'again'));
    expect(await owedAtBirth()).toEqual([idOf(1, 'b'), idOf(3, 'a')]);
    await decide(fold, takeBack('b'));
    expect(await owedAtBirth()).toEqual([idOf(3, 'a')]);
  });

  it('is not owed when an earlier snapshot lists it', async () => {
    const { fold } = await decide(emptyFold(decider), ask('a'));
    const { effects = [] } = await activities.loadEntity({ stream, now: moment() });
    expect(await saveSnapshot(store, { stream, snapshot: { fold, ring: { entries: [] }, effects } })).toEqual(
      { isSaved: true, bytes: expect.any(Number) },
    );
    expect(await owedAtBirth()).toEqual([idOf(0, 'a')]);
    await decide(fold, takeBack('a'));
    expect(await owedAtBirth()).toEqual([]);
  });
});
