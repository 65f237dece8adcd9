import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';
import { applyChange, type Change, changeBetween } from './state-change.js';
import { storableJson } from './storable.js';

const copy = <T extends Json>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** As stored and read again. */
const stored = (value: Json): Json => JSON.parse(storableJson(value)) as Json;

/** The stored form of `after` when only the change is written, and its size. */
function changed(before: Json, after: Json): { readonly state: Json; readonly size: number } {
  const change = changeBetween(before, after);
  if (!change) return { state: copy(before), size: 0 };
  const json = storableJson(change);
  return { state: applyChange(copy(before), JSON.parse(json) as Change), size: json.length };
}

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => copy(value as Json));
/** Few keys and values, so that two of them have much in common. */
const alike = fc
  .object({
    key: fc.constantFrom('a', 'b', '__proto__', 'constructor'),
    values: [fc.integer({ min: 0, max: 2 }), fc.constantFrom(null, '', 'x')],
    maxDepth: 4,
  })
  .map((value) => copy(value as Json));
const elements = fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), n: fc.nat(1) }), { maxLength: 30 });

describe('a state that changes', () => {
  it.each([
    ['whatever it was before', json],
    ['when much stays', alike],
    ['when it is a list', elements],
  ] as const)('becomes what it is after, %s', (_, values: fc.Arbitrary<Json>) => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        expect(canonicalJson(changed(before, after).state)).toBe(canonicalJson(after));
        expect(changeBetween(before, copy(before))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('becomes what PostgreSQL can store of it', () => {
    const text = fc.string({ unit: 'binary' }).map((value) => `${value}\ud800\0`);
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (before, after) => {
        const state = { texts: before, text: before[0] ?? null };
        const next = { texts: after, text: after[0] ?? null };
        expect(changed(stored(state), next).state).toEqual(stored(next));
      }),
    );
  });

  it('does not depend on a field that is undefined', () => {
    const undefinedField = { a: 1, b: undefined } as unknown as Json;
    expect(changeBetween({ a: 1 }, undefinedField)).toBeUndefined();
    expect(changed({ a: 1, b: 2 }, undefinedField).state).toEqual({ a: 1 });
    expect(changeBetween([{ a: 1 }], [undefinedField])).toBeUndefined();
  });

  it('accepts a change that was computed from another state, with an undefined result', () => {
    fc.assert(
      fc.property(json, alike, alike, (other, before, after) => {
        const change = changeBetween(before, after);
        if (change) expect(() => applyChange(copy(other), change)).not.toThrow();
      }),
    );
  });
});

const reservation = (id: number) => ({
  reservationId: `reservation-${id}`,
  quantity: 1,
  endedAt: `at ${id}`,
});
const reservations = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => reservation(from + index));

describe('the change of a list of thousands is small', () => {
  const list = reservations(0, 3_000);
  const cases: readonly (readonly [string, Json])[] = [
    ['when it loses its first and gains last ones', [...list.slice(3), ...reservations(3_000, 3_003)]],
    ['when it loses one in the middle', list.toSpliced(1_500, 1)],
    ['when it gains some in the middle', list.toSpliced(1_500, 0, ...reservations(9_000, 9_003))],
    ['when a field of one changes', list.with(1_500, { ...reservation(1_500), quantity: 2 })],
    ['when several of these happen', [...list.slice(900).toSpliced(77, 2), reservation(4_000)]],
  ];
  it.each(cases)('%s', (_, after) => {
    // As rules do it, and with nothing shared.
    for (const next of [after, copy(after)]) {
      const { state, size } = changed({ list }, { list: next });
      expect(state).toEqual({ list: next });
      expect(size).toBeLessThan(400);
    }
  });

  it('also when it gains very many', () => {
    const after = [...list, ...Array.from({ length: 200_000 }, (_, index) => index)];
    expect(changed(list, after).state).toEqual(after);
  });

  it('and one of which all changed is found in bounded time', () => {
    const all = reservations(10_000, 13_000).map((one) => ({ ...one, quantity: 2 }));
    expect(changed({ list }, { list: all }).state).toEqual({ list: all });
  });
});
