import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { operatorSession } from '#libs/testing/operator-session.js';
import { importCommand } from './import.command.js';

const operator = operatorSession(importCommand);
const { run } = operator;
const FILE = 'sku,command,quantity\ncd,receive,1\n';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perdure-import-'));
  file = join(folder, 'stock.csv');
  writeFileSync(file, FILE);
});
afterEach(() => rmSync(folder, { recursive: true }));

const view = (more: object) => ({
  id: 'csv-1',
  status: 'completed',
  rows: 3,
  applied: 3,
  rejected: 0,
  failed: 0,
  left: 0,
  endedAt: '2026-01-01T00:00:00.000Z',
  links: { rejects: '/v1/stock-imports/csv-1/rejects' },
  ...more,
});

/** The import as it is taken, and as it is then. */
function answer(then: object, first: object = { status: 'checking', endedAt: undefined, left: 3 }) {
  operator.services.answers.set('/v1/stock-imports/csv-1', () => view(then));
  operator.services.answers.set('/v1/stock-imports', () => view(first));
}

describe('import', () => {
  it('uploads a file, and says what became of its rows', async () => {
    answer({});
    await run(file);
    const { method, path, body } = operator.services.asked[0] ?? {};
    expect([method, path, body]).toEqual(['POST', '/v1/stock-imports', FILE]);
    expect(operator.shown()).toContain('csv-1: completed; 3 of 3 rows applied, 0 rejected, 0 failed');
    expect(process.exitCode).toBeUndefined();
  });

  it('sends the digest and the type of the file', async () => {
    const headers: unknown[] = [];
    const upload = async (_: string, content: AsyncIterable<Uint8Array>, given: object) => {
      for await (const part of content) expect(Buffer.from(part).toString()).toBe(FILE);
      headers.push(given);
      return view({});
    };
    await importCommand({ upload } as never).parseAsync([file], { from: 'user' });
    const digest = createHash('sha256').update(FILE).digest('base64');
    expect(headers).toEqual([{ 'content-type': 'text/csv', 'content-digest': `sha-256=:${digest}:` }]);
  });

  it('fails if rows were not applied, and says where they are listed', async () => {
    answer({ applied: 1, rejected: 2 });
    await run(file);
    expect(operator.shown()).toContain('listed at /v1/stock-imports/csv-1/rejects');
    expect(process.exitCode).toBe(1);
  });

  it.each(['paused', 'stopped', 'waiting'])('does not wait for an import that is %s', async (status) => {
    answer({ status, endedAt: undefined, left: 2, applied: 1 });
    await run(file);
    expect(operator.shown()).toContain(`csv-1: ${status}; 1 of 3 rows applied`);
    expect(operator.shown()).toContain('2 rows were not sent');
  });

  it('says why an import has failed', async () => {
    answer({ status: 'failed', failure: { code: 'IMPORT.FILE_MISSING', detail: 'the blob is missing' } });
    await run(file);
    expect(operator.shown()).toContain('IMPORT.FILE_MISSING: the blob is missing');
  });

  it('need not wait', async () => {
    answer({});
    await run(file, '--no-wait');
    expect(operator.shown()).toBe('csv-1\n');
    expect(operator.services.asked).toHaveLength(1);
  });

  it.each([
    ['does not exist', 'none.csv', 'there is no such file'],
    ['is a folder', '', 'Say --format csv'],
    ['is of another type', 'stock.xlsx', 'Say --format csv'],
  ])('says in one line that a file %s', async (_, name, text) => {
    await expect(run(join(folder, name))).rejects.toThrow(text);
  });

  it('takes the format that it is told', async () => {
    answer({});
    const other = join(folder, 'stock.txt');
    writeFileSync(other, FILE);
    await run(other, '--format', 'csv');
    expect(operator.services.asked[0]?.body).toBe(FILE);
  });

  it('says in one line that nothing answers', async () => {
    await expect(run(file)).rejects.toThrow('ENGINE.UNAVAILABLE: ');
  });
});
