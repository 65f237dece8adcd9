import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { reject } from '#libs/core/rejection.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { moment } from '#libs/testing/moments.js';
import { decideCommand, type Deciding, doubtfulOutcome } from './decide-command.js';
import { emptyFold } from './fold-stream.js';
import { PlannedAppend } from './planned-append.js';
import { MAX_STATE_BYTES, StateBound } from './state-bound.js';
import type { UsedNames } from './used-names.js';

const notes: AnyDecider = {
  name: 'notes',
  stateVersion: 1,
  initialState: { texts: [] },
  decide: ({ type, data }: { type: string; data: JsonObject }) => {
    if (type === 'Throw') throw new Error('a bug');
    if (type === 'Refuse') return reject('NOTES.NO', 'no\nnotes');
    return type === 'Nothing' ? [] : [{ type: 'Noted', data }];
  },
  evolve: (state: { texts: unknown[] }, { data }: { data: JsonObject }) => ({
    texts: [...state.texts, data['text']],
  }),
};

const stream = 'notes-default.one';
/** Adds nothing to a command, and doubts the names of those called `Doubt`. */
const names: Pick<UsedNames, 'lookedUp' | 'isDoubtful'> = {
  lookedUp: (command) => command,
  isDoubtful: ({ type }) => type === 'Doubt',
};

let deciding: Deciding;
beforeEach(() => {
  const planned = new PlannedAppend(notes, stream, emptyFold(notes));
  deciding = { decider: notes, entityId: 'one', usedNames: names as UsedNames, planned, defects: [] };
});

const envelope = (type: string, text = 'text', more = {}) =>
  envelopeOf({ type, data: { text } }, `${type} ${text.slice(0, 10)}`, more);

describe('a command', () => {
  it('adds its events to the append', () => {
    const outcome = decideCommand(deciding, envelope('Note'));
    expect(outcome).toMatchObject({ status: 'accepted', revision: 0, events: ['Noted'], at: moment() });
    expect(deciding.planned.fold.state).toEqual({ texts: ['text'] });
  });

  it.each([
    ['Refuse', {}, { status: 'rejected', code: 'NOTES.NO', detail: 'no notes' }],
    ['Note', { expectedRevision: 7 }, { status: 'rejected', code: 'REVISION.MISMATCH' }],
    ['Throw', {}, { status: 'failed', code: 'INTERNAL.DEFECT' }],
    ['Nothing', {}, { status: 'failed', code: 'INTERNAL.DEFECT' }],
  ])('adds nothing when it is not accepted: %s %p', (type, more, expected) => {
    expect(decideCommand(deciding, envelope(type, 'text', more))).toMatchObject({
      ...expected,
      revision: -1,
    });
    expect(deciding.planned.events).toEqual([]);
    expect(deciding.defects).toHaveLength(expected.status === 'failed' ? 1 : 0);
  });

  it('is rejected when the state would grow past its limit, if there is one', () => {
    const tooLarge = envelope('Note', 'x'.repeat(MAX_STATE_BYTES));
    const bound = new StateBound(notes, stream, 0);
    const expected = { status: 'rejected', code: 'ENTITY.STATE_TOO_LARGE' };
    expect(decideCommand(deciding, tooLarge, bound)).toMatchObject(expected);
    expect(decideCommand(deciding, tooLarge)).toMatchObject({ status: 'accepted' });
  });

  it('has no known outcome when it is not known whether its names are new', () => {
    const expected = { status: 'rejected', code: 'COMMAND.OUTCOME_UNKNOWN' };
    expect(doubtfulOutcome(deciding, envelope('Doubt'))).toMatchObject(expected);
    expect(doubtfulOutcome(deciding, envelope('Note'))).toBeUndefined();
  });
});
