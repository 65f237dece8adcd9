import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import { reject } from '#libs/core/rejection.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold } from './fold-stream.js';
import { replyIdOf } from './pending-effects.js';
import { MAX_STATE_BYTES } from './state-bound.js';

/** Keeps whatever it is told, until it is told to drop it. */
const notes: AnyDecider = {
  name: 'notes',
  stateVersion: 1,
  initialState: { texts: [] },
  decide: ({ type, data }: { type: string; data: { text: string } }) => {
    if (type === 'Refuse') return reject('NOTES.NO', data.text);
    return [{ type, data: type === 'Drop' || type === 'Expire' ? {} : data }];
  },
  evolve: (state: { texts: string[]; due?: string }, event: { type: string; data: { text: string } }) => {
    if (event.type === 'Schedule') return { ...state, due: event.data.text };
    if (event.type === 'Expire') return { texts: [...state.texts, 'expired'] };
    if (event.type === 'Drop') return { ...state, texts: state.texts.slice(1) };
    if (event.type === 'Change') return { ...state, texts: [event.data.text, ...state.texts.slice(1)] };
    return { ...state, texts: [...state.texts, event.data.text] };
  },
  deadline: ({ due }: { due?: string }) =>
    due === undefined ? undefined : { at: due, subject: 'due', command: { type: 'Expire', data: {} } },
};

const stream = 'notes-default.one';
/** 20 of these fit, 21 do not; each character takes three bytes. */
const text = '–'.repeat((MAX_STATE_BYTES - 10_000) / 60);
const now = moment();

let store: MemoryEventStore;
let fold: Fold;
beforeEach(() => {
  store = new MemoryEventStore();
  fold = emptyFold(notes);
});

async function decide(
  batch: readonly CommandEnvelope[],
  { decider = notes, ...more }: Partial<DecideRequest> & { decider?: AnyDecider } = {},
) {
  const activities = createEntityActivities({ decider, store, logger: pino({ level: 'silent' }) });
  const request = { stream, fold, batch, now, searchStream: false, ...more };
  const result = await activities.decideAndAppend(request);
  const state = result.events.reduce(
    (before, event) => decider.evolve(before, event) as JsonObject,
    fold.state,
  );
  const { revision, at, hash } = result;
  fold = { ...fold, state, revision, ...(at !== undefined && { at }), ...(hash !== undefined && { hash }) };
  return result.outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.status));
}

const add = (name: string, more = text) => envelopeOf({ type: 'Add', data: { text: more } }, name);
const other = (type: string, more = '') =>
  envelopeOf({ type, data: { text: more } }, `${type} ${more.length}`);

async function fill(): Promise<void> {
  for (let index = 0; index < 4; index += 1) {
    await decide(Array.from({ length: 5 }, (_, each) => add(`${index} ${each}`)));
  }
}

describe('an entity that holds as much as it may', () => {
  beforeEach(fill);

  it('refuses what would add to it, and stays below its bound', async () => {
    expect(await decide([add('one more')])).toEqual(['ENTITY.STATE_TOO_LARGE']);
    expect(jsonBytes(fold.state)).toBeLessThanOrEqual(MAX_STATE_BYTES);
    expect(fold.revision).toBe(19);
  });

  it('takes what fits, what keeps its size and what takes from it, in one batch, in order', async () => {
    const batch = [add('a'), add('small', 'x'), other('Change', text), other('Drop'), add('b'), add('c')];
    expect(await decide(batch)).toEqual([
      'ENTITY.STATE_TOO_LARGE',
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'ENTITY.STATE_TOO_LARGE',
    ]);
  });

  it('takes what ends small again, however large it was on the way', async () => {
    expect(await decide([add('a'), other('Drop')])).toEqual(['accepted', 'accepted']);
  });

  it('accepts replies of its effects, deadlines, and commands that add nothing', async () => {
    expect(await decide([other('Schedule', now)])).toEqual(['accepted']);
    expect(await decide([add('a', 'x'.repeat(9_000))])).toEqual(['accepted']);
    const reply = { ...add('reply'), commandId: replyIdOf(`${stream}@3/tell`) };
    expect(await decide([reply], { dueBy: now })).toEqual(['accepted']);
    expect((fold.state as { texts: string[] }).texts.includes('expired')).toBe(true);
    expect(await decide([add('b')], { decider: { ...notes, growing: ['Schedule'] } })).toEqual(['accepted']);
    expect(await decide([add('c')])).toEqual(['ENTITY.STATE_TOO_LARGE']);
  });
});

describe('effects that are pending', () => {
  it('count with the state', async () => {
    const effectBytes = MAX_STATE_BYTES - 1_000;
    expect(await decide([add('a', 'x')], { effectBytes })).toEqual(['accepted']);
    expect(await decide([add('b', 'x'.repeat(1_000))], { effectBytes })).toEqual(['ENTITY.STATE_TOO_LARGE']);
    const call = { kind: 'call', call: 'bell', data: { text: 'x'.repeat(1_000) } };
    const decider = { ...notes, react: () => [{ key: 'tell', action: call }] } as AnyDecider;
    expect(await decide([add('c', 'x')], { effectBytes, decider })).toEqual(['ENTITY.STATE_TOO_LARGE']);
    expect(await decide([add('d', 'x')], { decider })).toEqual(['accepted']);
  });
});

describe('what an entity remembers', () => {
  it('is the fold where the events that it does not know are too many', async () => {
    const events = Array.from({ length: 15 }, () => ({ type: 'Add', data: { text } }));
    for (const [index, event] of historyOf(stream, events).entries())
      await store.append(stream, index - 1, [event]);
    const activities = createEntityActivities({ decider: notes, store, logger: pino({ level: 'silent' }) });
    const request = { stream, fold, batch: [add('a', 'x')], now, searchStream: false };
    const result = await activities.decideAndAppend(request);
    expect(result).toMatchObject({ events: [], revision: 15, fold: { revision: 15 } });
    const state = { texts: [...Array.from({ length: 15 }, () => text), 'x'] };
    expect(result.fold?.state).toEqual(state);
  });

  it('of its latest outcomes is no more than it may carry', async () => {
    const events = Array.from({ length: 300 }, () => ({ type: 'T'.repeat(2_000), data: { text: '' } }));
    await store.append(stream, -1, historyOf(stream, events));
    const activities = createEntityActivities({ decider: notes, store, logger: pino({ level: 'silent' }) });
    const { ring } = await activities.loadEntity({ stream, now });
    expect(jsonBytes(ring?.entries ?? [])).toBeLessThan(460_000);
    expect(ring?.entries.at(-1)).toMatchObject({ outcome: { revision: 299 } });
    expect(ring?.evictedUpTo).toBe(moment());
  });

  it('of a rejection is no longer than a receipt shows', async () => {
    const activities = createEntityActivities({ decider: notes, store, logger: pino({ level: 'silent' }) });
    const batch = [other('Refuse', 'x'.repeat(50_000))];
    const { outcomes } = await activities.decideAndAppend({ stream, fold, batch, now, searchStream: false });
    expect(outcomes).toMatchObject([{ code: 'NOTES.NO', detail: 'x'.repeat(1_000) }]);
  });
});
