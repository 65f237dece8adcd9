import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { request } from '../support/account-rest.js';

/**
 * Seven purchases of three customers, ten CDs: one line repeats another, one is free, some divide
 * into two prices.
 */
const PURCHASES = [
  ' 90001 9001 19970101  2   29.33',
  ' 90001 9001 19970118  2   29.73',
  ' 90002 9002 19970802  1   14.96',
  ' 90002 9002 19970802  1   14.96',
  ' 90002 9002 19970803  1    0.00',
  ' 90003 9003 19971212  2   26.48',
  ' 90003 9003 19971213  1    0.01',
].join('\n');

interface Run {
  readonly code: number;
  readonly output: string;
}

describe('the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perdure-demo-'));
  const file = join(folder, 'purchases.txt');
  const pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });

  beforeAll(() => writeFileSync(file, PURCHASES));
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await pool.end();
  });

  function demo(more: readonly string[] = []): Promise<Run> {
    const url = String(process.env['PERDURE_URL']);
    const args = ['dist/demo/main.js', '--master', file, '--url', url, ...more];
    return new Promise((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` });
      });
    });
  }

  /** Sources that found 3 customers, 7 purchases, 10 CDs, and 20,000 of 200 SKUs received. */
  function agreeing({ output }: Run): readonly string[] {
    const line = /^(\w+) \(.*\) +3 +7 +10 +115\.47 +115\.47 +20,000 +19,990 +agrees$/gm;
    return [...output.matchAll(line)].map(([, source = '']) => source);
  }

  it('shops, and adds up the same from entities, streams, topics and rows', async () => {
    const run = await demo();
    expect({ ...run, agreeing: agreeing(run) }).toMatchObject({
      code: 0,
      agreeing: ['entities', 'streams', 'topics', 'rows'],
      output: expect.stringMatching(/^7 purchases in .*, 0 were made by an earlier run; 1 of all are free/m),
    });
  });

  it('makes of each purchase a cart that was bought, with a line for each price', async () => {
    const { body } = await request(`${process.env['PERDURE_URL']}/v1/carts/cd-sample-000001`);
    expect(body).toMatchObject({ status: 'completed', customerId: 'cd-sample-90001', total: 2_933 });
    expect(body['lines']).toMatchObject([
      { sku: 'cd-a-1', quantity: 1, unitPrice: 1_467 },
      { sku: 'cd-b-1', quantity: 1, unitPrice: 1_466 },
    ]);
    const free = await request(`${process.env['PERDURE_URL']}/v1/checkouts/cd-sample-000005:checkout-1`);
    expect(free.body).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(free.body['steps'])).not.toContain('hold');
  });

  it('changes nothing when it runs again', async () => {
    const run = await demo();
    expect(agreeing(run)).toHaveLength(4);
    expect(run.output).toMatch(/^0 purchases in .*, 7 were made by an earlier run/m);
  });

  it.each([
    [
      'statement_entries_v1',
      'amount',
      "account_id = 'cd-sample-90001' AND hold_id LIKE 'cd-sample-000001:%'",
    ],
    ['carts_v2', 'total', "id = 'cd-sample-000003'"],
    ['stock_v2', 'on_hand', "id = 'cd-b-77'"],
    ['best_sellers_v1', 'net', "sku = 'cd-b-3'"],
  ])('notices one row that was edited in %s', async (table, column, where) => {
    const edit = (by: number) =>
      pool.query(`UPDATE read_model.${table} SET ${column} = ${column} + ${by} WHERE ${where}`);
    await edit(1);
    const run = await demo(['--patience', '0']);
    await edit(-1);
    expect(run).toMatchObject({ code: 1, output: expect.stringMatching(/^rows .* DIFFERS$/m) });
    expect(agreeing(run)).toEqual(['entities', 'streams', 'topics']);
  });
});
