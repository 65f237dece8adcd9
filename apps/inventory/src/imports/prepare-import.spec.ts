import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderBlobStore } from '#libs/blob/folder-blob-store.js';
import { readItems } from '#libs/flow/leaves/spread-items.js';
import { prepareImport } from './prepare-import.js';
import { type NumberedRow, RowBuckets } from './row-buckets.js';

const owner = 'stockImport-default.i-1';
let folder: string;
let blobs: FolderBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perdure-prepare-'));
  blobs = new FolderBlobStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function prepare(text: string) {
  const file = await blobs.put(owner, Buffer.from(text));
  const { source, rejects, ...counts } = await prepareImport(blobs, { file, format: 'csv', owner });
  const contents = await readItems(blobs, source, { from: 0, to: source.count });
  const rows = contents.map(
    (content) => JSON.parse(Buffer.from(content as Uint8Array).toString()) as NumberedRow,
  );
  const rejected = Buffer.from(await blobs.get(rejects))
    .toString()
    .split('\n')
    .slice(0, -1);
  return { ...counts, rows, rejects: rejected.map((line) => JSON.parse(line) as object), source };
}

const lines = (...all: readonly string[]) => ['sku,command,quantity,reference', ...all].join('\n');

describe('the file of an import', () => {
  it('becomes its rows, those of an item together and in order, and its rejects', async () => {
    const { rows, ...rest } = await prepare(
      lines('b,receive,1,', 'a,receive,2,', 'bad', 'b,receive,3,', ',,,'),
    );
    expect(rest).toMatchObject({
      counts: { rows: 5, rejected: 2 },
      rejects: [
        { line: 4, code: 'ROW.MALFORMED', detail: 'the line has 1 values, and the header 4' },
        { line: 6, code: 'ROW.INVALID' },
      ],
    });
    expect(rows.map(({ line, row }) => `${line} ${row.sku}`)).toEqual(['2 b', '5 b', '3 a']);
  });

  it('gives the same whenever it is read', async () => {
    const text = lines(...Array.from({ length: 500 }, (_, index) => `s-${index % 7},receive,1,`));
    expect((await prepare(text)).source).toEqual((await prepare(text)).source);
  });

  it('without rows gives none', async () => {
    expect(await prepare(lines())).toMatchObject({ counts: { rows: 0, rejected: 0 }, rows: [], rejects: [] });
  });

  it('leaves nothing on the disk but its blobs', async () => {
    const folders = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('perdure-import-'));
    const before = await folders();
    await prepare(lines('a,receive,1,'));
    await expect(prepare('no header')).rejects.toThrow('there is no column');
    expect(await folders()).toEqual(before);
  });
});

describe('the buckets of rows', () => {
  const row = (line: number, sku: string): NumberedRow => ({
    line,
    row: { sku, command: 'receive', quantity: 1 },
  });

  async function sorted(rows: readonly NumberedRow[], bytes: number, mostWaiting: number) {
    const buckets = await RowBuckets.open(folder, bytes);
    for (const one of rows) await buckets.add(one);
    const found: NumberedRow[] = [];
    for await (const one of buckets.byItem(mostWaiting)) found.push(one);
    await buckets.close();
    return found;
  }

  it('keep each row once, and those of an item in order, however many there are', async () => {
    const rows = Array.from({ length: 20_000 }, (_, line) =>
      row(line, `s-${line % 2 === 0 ? 'hot' : line % 99}`),
    );
    const found = await sorted(rows, 20_000_000, 100);
    expect(new Set(found.map(({ line }) => line)).size).toBe(rows.length);
    const hot = found.filter(({ row: { sku } }) => sku === 's-hot').map(({ line }) => line);
    expect(hot).toEqual(hot.toSorted((a, b) => a - b));
    // Portions of an item follow one another, so that a message can carry many rows.
    const changes = found.filter(({ row: { sku } }, index) => sku !== found[index - 1]?.row.sku).length;
    expect(changes).toBeLessThan(rows.length / 50);
  });
});
