import { describe, expect, it } from '@jest/globals';
import type { Json } from '#libs/core/json.js';
import type { EntityFold } from './batch-fold.js';
import { changeOf, readState, type StoredState } from './stored-state.js';

const large = { text: 'x'.repeat(10_000), count: 1 };

/** A fold of a state that was read as `stored` says. */
function folded(stored: Partial<StoredState>, state: Json): EntityFold {
  const read: StoredState = {
    ...{ revision: 4, state: large, baseSize: 10_022, changes: 0, changesSize: 0 },
    ...stored,
  };
  return { stream: 'one', revision: 9, state, isParked: false, isChanged: true, stored: read };
}

describe('the stored form of a state', () => {
  it('is its change, when it is large', () => {
    expect(changeOf(folded({}, { ...large, count: 2 }))).toEqual({
      from: 4,
      json: '{"keys":{"count":{"set":2}}}',
    });
    expect(changeOf(folded({}, { ...large }))).toEqual({ from: 4, json: null });
  });

  it.each<[string, Partial<StoredState>, Json]>([
    ['it is small', { baseSize: 4_095 }, { ...large, count: 2 }],
    ['it has 500 changes', { changes: 500, changesSize: 9_000 }, { ...large, count: 2 }],
    ['its changes are as large as it is', { changes: 2, changesSize: 10_000 }, { ...large, count: 2 }],
    ['it is another one altogether', {}, { text: 'y'.repeat(10_000), count: 1 }],
  ])('is all of it when %s', (_, stored, state) => {
    expect(changeOf(folded(stored, state))).toBeUndefined();
  });

  it('is all of it when nothing is stored', () => {
    const { stored: _, ...unseen } = folded({}, large);
    expect(changeOf(unseen)).toBeUndefined();
  });

  it('is read as the base with all changes in order', () => {
    const changed = '{"keys":{"count":{"set":2}}},{"keys":{"count":{"set":3},"text":null}}';
    const base = JSON.stringify(large);
    expect(readState({ revision: '7', base, changes: 2, changed })).toEqual({
      revision: 7,
      state: { count: 3 },
      baseSize: base.length,
      changes: 2,
      changesSize: changed.length,
    });
  });
});
