import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { FolderBlobStore } from '#libs/blob/folder-blob-store.js';
import { asText, rejectsOf, resultsOf } from './row-reports.js';
import type { RowReport } from './stock-import.schemas.js';

const owner = 'stockImport-default.i-1';
let folder: string;
let blobs: FolderBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perdure-reports-'));
  blobs = new FolderBlobStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const put = (value: object) => blobs.put(owner, Buffer.from(JSON.stringify(value)));
const lines = (...values: readonly object[]) =>
  blobs.put(owner, Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join('')));

async function all(rows: AsyncIterable<RowReport>): Promise<readonly RowReport[]> {
  const found: RowReport[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** Bad lines, and the outcomes of two passes: what has failed in the first was retried. */
async function outcomes() {
  const rejects = await lines({ line: 2, code: 'ROW.INVALID', detail: 'sku: größer' });
  const first = await lines(
    { item: 0, outcome: 'done', record: { line: 3, sku: 'cd', commandId: 'c-3', revision: 0 } },
    {
      item: 1,
      outcome: 'failed',
      code: 'ENGINE.UNAVAILABLE',
      detail: 'away',
      record: { line: 4, sku: 'cd' },
    },
  );
  const second = await lines({
    ...{ item: 1, outcome: 'rejected', code: 'STOCK.LIMIT', detail: 'more, "too" many' },
    record: { line: 4, sku: 'cd', commandId: 'c-4' },
  });
  const passes = await Promise.all([first, second].map((of) => put({ kind: 'segments', of: [of] })));
  return { rejects, results: await put({ kind: 'passes', of: passes }) };
}

describe('the reports of an import', () => {
  it('tell of every row once, with what became of it in the end', async () => {
    const of = await outcomes();
    const limited = {
      ...{ line: 4, sku: 'cd', commandId: 'c-4', outcome: 'rejected' },
      ...{ code: 'STOCK.LIMIT', detail: 'more, "too" many' },
    };
    expect(await all(resultsOf(blobs, of))).toEqual([
      { line: 3, sku: 'cd', commandId: 'c-3', revision: 0, outcome: 'applied' },
      limited,
    ]);
    expect(await all(rejectsOf(blobs, of))).toEqual([
      { line: 2, outcome: 'rejected', code: 'ROW.INVALID', detail: 'sku: größer' },
      limited,
    ]);
  });

  it('are empty before there is anything to tell', async () => {
    expect(await all(resultsOf(blobs, {}))).toEqual([]);
    expect(await all(rejectsOf(blobs, {}))).toEqual([]);
  });

  it('can be read as CSV and as NDJSON', async () => {
    const of = await outcomes();
    expect(await text(Readable.from(asText(rejectsOf(blobs, of), 'csv')))).toBe(
      'line,sku,outcome,code,detail,commandId,revision\r\n' +
        '2,,rejected,ROW.INVALID,sku: größer,,\r\n' +
        '4,cd,rejected,STOCK.LIMIT,"more, ""too"" many",c-4,\r\n',
    );
    const ndjson = await text(Readable.from(asText(resultsOf(blobs, of), 'ndjson')));
    expect(ndjson.split('\n')).toHaveLength(3);
  });
});
