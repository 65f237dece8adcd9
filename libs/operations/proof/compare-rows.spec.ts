import { describe, expect, it } from '@jest/globals';
import { viewTable } from '#contracts/view-table.js';
import type { StoredRow } from '#libs/core/view-definition.js';
import { compareRows } from './compare-rows.js';
import { Pace, TAKING_TURNS } from './pace.js';

const table = viewTable('things', {
  key: ['id'],
  owner: 'id',
  row: { id: 'text', count: 'bigint', note: 'text?', at: 'timestamptz', topicOffset: 'bigint?' },
  unproven: ['topicOffset'],
});
const compare = (expected: StoredRow[], actual: StoredRow[]) =>
  compareRows(table, expected, actual, new Pace(TAKING_TURNS));
const row = { id: 'a', count: 1, note: null, at: '2026-01-01T00:00:00.000Z', topic_offset: null };

describe('rows', () => {
  it('match when each column has the same value, however it is written', async () => {
    const there = { ...row, at: '2026-01-01T01:00:00+01:00', topic_offset: 7 };
    expect(await compare([row], [there])).toEqual({ wrong: [], extra: [], details: [] });
  });

  it('are wrong when a column differs; what only the topic knows is kept', async () => {
    const there = { ...row, count: 2, note: 'x', topic_offset: 7 };
    expect(await compare([row], [there])).toEqual({
      wrong: [{ ...row, topic_offset: 7 }],
      extra: [],
      details: ['["a"] differs in count, note'],
    });
  });

  it('are distinguished as missing or extra', async () => {
    const other = { ...row, id: 'b' };
    const { wrong, extra, details } = await compare([row], [other]);
    expect([wrong, extra]).toEqual([[row], [other]]);
    expect(details).toEqual(['["a"] is missing', '["b"] should not be there']);
  });
});
