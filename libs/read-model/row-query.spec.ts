import { describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { viewTable } from '#contracts/view-table.js';
import { decodeCursor, encodeCursor } from './page.js';
import { InvalidCursorError } from './read-model.errors.js';
import { findRows } from './row-query.js';

const table = viewTable('visits_v1', {
  key: ['tenant', 'personId'],
  row: { tenant: 'id', personId: 'id', count: 'bigint', lastAt: 'timestamptz', note: 'text?' },
});

/** A server that records the query and answers with these rows. */
function answering(...rows: readonly object[]) {
  const asked: { text: string; values: readonly unknown[] }[] = [];
  const query = async (text: string, values: readonly unknown[]) => {
    asked.push({ text, values });
    return { rows };
  };
  return { pool: { query } as unknown as Pool, asked };
}

const ask = (pool: Pool, orderBy: readonly string[], cursor?: string) =>
  findRows(pool, {
    table,
    where: [['count > ?', 3]],
    orderBy,
    limit: 1,
    cursor,
    tenant: 'acme',
    toItem: (row: object) => row,
  });

const found = { tenant: 't', person_id: 'ann', count: '7', last_at: new Date(0), note: null };

describe('rows of a table', () => {
  test('are asked for in order, and of one tenant', async () => {
    const { pool, asked } = answering();
    await ask(pool, ['lastAt', 'personId']);
    expect(asked[0]?.text.replaceAll(/\s+/g, ' ')).toBe(
      'SELECT * FROM read_model.visits_v1 found WHERE found.tenant = $1 AND count > $2 ' +
        'ORDER BY found.last_at ASC, found.person_id ASC LIMIT $3',
    );
    expect(asked[0]?.values).toEqual(['acme', 3, 2]);
  });

  test('have the values that were projected, without those that are null', async () => {
    const { data } = await ask(answering(found).pool, ['personId']);
    expect(data).toEqual([{ tenant: 't', personId: 'ann', count: 7, lastAt: '1970-01-01T00:00:00.000Z' }]);
  });

  test('come in pages: the next one begins after the last row', async () => {
    const { pool, asked } = answering(found, { ...found, person_id: 'bob' });
    const { data, nextCursor = '' } = await ask(pool, ['count', 'personId']);
    expect(data).toHaveLength(1);
    expect(decodeCursor(nextCursor)).toBe('7/ann');
    await ask(pool, ['count', 'personId'], nextCursor);
    expect(asked[1]?.text).toContain('(found.count, found.person_id) > ($2, $3)');
    expect(asked[1]?.values.slice(1, 3)).toEqual([7, 'ann']);
  });
});

describe('a cursor', () => {
  test.each(['0001-01-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'])(
    'may name the moment %s',
    async (moment) => {
      const { pool, asked } = answering();
      await ask(pool, ['lastAt'], encodeCursor(moment));
      expect(asked[0]?.values).toContain(moment);
    },
  );

  test.each([
    ['lastAt', '2026-99-99T00:00:00.000Z'],
    ['lastAt', '2026-02-29T00:00:00.000Z'],
    ['lastAt', '2026-01-01T24:00:00.000Z'],
    ['lastAt', '0000-01-01T00:00:00.000Z'],
    ['lastAt', '2026-01-01'],
    ['personId', ''],
    ['personId', 'a b'],
    ['personId', 'a/7'],
    ['count', '-1'],
    ['count', 'x'],
    ['count', '9999999999999999'],
  ])('for %s is refused as %j', async (field, last) => {
    await expect(ask(answering().pool, [field], encodeCursor(last))).rejects.toThrow(InvalidCursorError);
  });
});
