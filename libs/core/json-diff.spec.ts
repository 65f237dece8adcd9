import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changesBetween, type JsonChange, leavesOf } from './json-diff.js';
import type { Json } from './json.js';

const cases: [string, Json, Json, readonly JsonChange[]][] = [
  ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['a scalar', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: '/a/b', from: 1, to: 2 }]],
  ['an added field, whole', {}, { a: { b: 1 } }, [{ path: '/a', to: { b: 1 } }]],
  ['a removed field', { a: null }, {}, [{ path: '/a', from: null }]],
  [
    'an item of a list',
    { a: [1, 2] },
    { a: [1, 3, 4] },
    [
      { path: '/a/1', from: 2, to: 3 },
      { path: '/a/2', to: 4 },
    ],
  ],
  ['another kind of value', { a: [] }, { a: {} }, [{ path: '/a', from: [], to: {} }]],
  [
    'names with a slash, a tilde or a trap',
    {},
    { 'a/b': 1, '~': 2, toString: 3 },
    [
      { path: '/a~1b', to: 1 },
      { path: '/~0', to: 2 },
      { path: '/toString', to: 3 },
    ],
  ],
];

describe('the difference is', () => {
  it.each(cases)('%s', (_, before, after, changes) => {
    expect(changesBetween(before, after)).toEqual(changes);
  });
});

/** A copy of a value in which a change is made. */
function withChange(value: Json, { path, ...change }: JsonChange): Json {
  const names = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop();
  if (last === undefined) return change.to ?? null;
  const copy = structuredClone(value) as Record<string, Json>;
  let branch = copy;
  for (const name of names) branch = branch[name] as Record<string, Json>;
  if (change.to === undefined) delete branch[last];
  else branch[last] = change.to;
  return copy;
}

/** Without the holes that removed items of lists leave. */
const dense = (value: Json): Json =>
  JSON.parse(JSON.stringify(value), (_, one: Json) =>
    Array.isArray(one) ? one.filter((item) => item !== null) : one,
  ) as Json;

it('one value with all its differences is the other', () => {
  const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean());
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'a/b', '~'), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  }));
  fc.assert(
    fc.property(value, value, (before, after) => {
      const changed = changesBetween(before, after).reduce(withChange, before);
      expect(dense(changed)).toEqual(after);
    }),
  );
});

it('leaves are scalars and what is empty', () => {
  expect(leavesOf({ a: { b: 1, c: [] }, d: [null, {}] })).toEqual([
    { path: '/a/b', value: 1 },
    { path: '/a/c', value: [] },
    { path: '/d/0', value: null },
    { path: '/d/1', value: {} },
  ]);
});
