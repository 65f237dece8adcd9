import { describe, expect, it } from '@jest/globals';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { moment } from '#libs/testing/moments.js';
import { emptyFold } from './fold-stream.js';
import { PlannedAppend } from './planned-append.js';

type Counted = DomainEvent<string, { key: string; undoes?: string }>;

/** Counts. Each event rings under its key; `undoes` withdraws the call under another key. */
const counter: AnyDecider = {
  name: 'counter',
  stateVersion: 1,
  initialState: { count: 0 },
  decide: () => [],
  evolve: ({ count }: { count: number }, { type }: Counted) => {
    if (type === 'Broken') throw new Error('cannot be folded');
    return { count: count + 1 };
  },
  react: ({ data: { key } }: Counted) => [{ key, action: { kind: 'call', call: 'ring', data: {} } }],
  withdraws: ({ data: { undoes } }: Counted) => (undoes === undefined ? [] : [undoes]),
  names: ({ data: { key } }: Counted) => [key],
};

const stream = 'counter-default.one';
const counted = (key: string, more = {}): DomainEvent => ({ type: 'Counted', data: { key, ...more } });
const at = moment();
const envelope = envelopeOf({ type: 'Count', data: {} }, 'count');

function planned() {
  return new PlannedAppend(counter, stream, emptyFold(counter));
}

function add(plan: PlannedAppend, ...events: readonly DomainEvent[]): void {
  plan.add(plan.continuedBy(envelope, events, at));
}

describe('a planned append', () => {
  it('has the events of its commands, and the state, effects and names that follow', () => {
    const plan = planned();
    add(plan, counted('a'));
    add(plan, counted('b'), counted('c'));
    expect(plan.fold).toMatchObject({ revision: 2, state: { count: 3 }, at });
    expect(plan.fold.hash).toBe(plan.events.at(-1)?.metadata.hash);
    expect(plan.effects.map(({ id }) => id)).toEqual([0, 1, 2].map((n) => `${stream}@${n}/${'abc'[n]}`));
    expect([...plan.newNames]).toEqual(['a', 'b', 'c']);
  });

  it('drops an effect that a later event withdraws, and remembers its key', () => {
    const plan = planned();
    add(plan, counted('a'));
    add(plan, counted('b', { undoes: 'a' }));
    expect(plan.effects.map(({ key }) => key)).toEqual(['b']);
    expect(plan.withdrawn).toEqual(['a']);
  });

  it('does not change until events are added', () => {
    const plan = planned();
    expect(plan.continuedBy(envelope, [counted('a')], at).fold.revision).toBe(0);
    expect(() => plan.continuedBy(envelope, [{ type: 'Broken', data: {} }], at)).toThrow('cannot be folded');
    expect(plan).toMatchObject({ events: [], effects: [], fold: { revision: -1 } });
    expect(plan.newNames.size).toBe(0);
  });

  it('is full at half of what the store takes', () => {
    const plan = planned();
    add(plan, counted('x'.repeat(400 * 1024)));
    expect(plan.isFull).toBe(false);
    add(plan, counted('x'.repeat(200 * 1024)));
    expect(plan.isFull).toBe(true);
  });
});
