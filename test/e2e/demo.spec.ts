import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';

/** Seven purchases of three customers: one line repeats another, one is free. */
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

  function demo(): Promise<Run> {
    const args = ['dist/demo/main.js', '--master', file, '--url', String(process.env['PERDURE_URL'])];
    return new Promise((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` });
      });
    });
  }

  function agreeing({ output }: Run): number {
    return output.match(/ 3 +7 +6 +1 +115\.47 +agrees/g)?.length ?? 0;
  }

  it('adds the purchases up the same from entities, streams, topic and rows', async () => {
    const run = await demo();
    expect({ agreeing: agreeing(run), code: run.code, output: run.output }).toMatchObject({
      agreeing: 4,
      code: 0,
    });
  });

  it('changes nothing when it runs again', async () => {
    const run = await demo();
    expect(agreeing(run)).toBe(4);
    expect(run.output).toContain('21 of them sent by an earlier run');
  });

  it('notices one row that was edited', async () => {
    await pool.query(
      `UPDATE read_model.statement_entries_v1 SET amount = amount + 1
       WHERE account_id = 'cdnow-sample-90001' AND kind = 'hold-captured' AND amount = 2933`,
    );
    const run = await demo();
    expect(run).toMatchObject({ code: 1, output: expect.stringContaining('DIFFERS') });
    expect(agreeing(run)).toBe(3);
  });
});
