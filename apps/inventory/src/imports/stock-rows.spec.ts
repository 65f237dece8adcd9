import { describe, expect, it } from '@jest/globals';
import { Fault, MAX_LINE_BYTES } from './import-lines.js';
import { BadHeaderError, type ImportFormat, type ReadLine, stockRows } from './stock-rows.js';

const HEADER = 'sku,command,quantity,reason,reference';
const cd = { sku: 'cd', command: 'receive', quantity: 10 };

/** Parts of a file as they may arrive, a byte at a time or all at once. */
async function* inParts(file: Uint8Array, size: number) {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

async function read(format: ImportFormat, file: string | Uint8Array, size = 1_000_000) {
  const rows: ReadLine[] = [];
  for await (const batch of stockRows(format, inParts(Buffer.from(file as string), size)))
    rows.push(...batch);
  return rows.map(({ line, row }) => [line, row instanceof Fault ? row.code : row]);
}

const csv = (...lines: readonly string[]) => [HEADER, ...lines].join('\n');
const details = async (file: string, format: ImportFormat = 'csv') => {
  const rows: unknown[] = [];
  for await (const batch of stockRows(format, inParts(Buffer.from(file), 7)))
    rows.push(...batch.map(({ row }) => (row instanceof Fault ? row.detail : 'none')));
  return rows;
};

describe('the rows of a CSV file', () => {
  const rows = csv('cd,receive,10,,po-1', 'mc,adjust,-2,broken,', '"a",receive,"1",,"of ""Smith"", 2"');
  const read3 = [
    [2, { ...cd, reference: 'po-1' }],
    [3, { sku: 'mc', command: 'adjust', quantity: -2, reason: 'broken' }],
    [4, { sku: 'a', command: 'receive', quantity: 1, reference: 'of "Smith", 2' }],
  ];

  it.each([
    ['with line feeds', rows],
    ['with a last line feed', `${rows}\n`],
    ['with CRLF', rows.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${rows}`],
    ['with blanks around values', rows.replaceAll(',receive', ' , receive')],
  ])('are read %s, however they arrive', async (_, file) => {
    for (const size of [1, 3, 64, 1_000_000]) expect(await read('csv', file, size)).toEqual(read3);
  });

  it('keep the numbers of their lines across blank ones', async () => {
    const read2 = [
      [4, cd],
      [6, 'ROW.INVALID'],
    ];
    expect(await read('csv', `\n${HEADER}\n\r\ncd,receive,10,,\n \nxx,receive,0,,\n\n`)).toEqual(read2);
  });

  it('may have their columns in any order, and leave out those that they do not need', async () => {
    expect(await read('csv', 'quantity,sku,command\n10,cd,receive')).toEqual([[2, cd]]);
  });

  it.each([
    ['an unknown column', 'sku,command,quantity,price', 'there is no column price'],
    ['a column that occurs twice', 'sku,command,sku,quantity', 'the column sku occurs twice'],
    ['a missing column', 'sku,command', 'the column quantity is missing'],
    ['another separator', HEADER.replaceAll(',', ';'), `there is no column ${HEADER.replaceAll(',', ';')}`],
    ['an open quote', '"sku,command,quantity', 'a quote is not closed on the line'],
  ])('are not read under %s', async (_, header, detail) => {
    const reading = read('csv', `${header}\ncd,receive,10`);
    await expect(reading).rejects.toThrow(new BadHeaderError(new Fault('IMPORT.INVALID_HEADER', detail)));
  });
});

it('an empty CSV file names no columns', async () => {
  for (const file of ['', '\n \n']) await expect(read('csv', file)).rejects.toThrow('the file is empty');
});

describe('a bad line', () => {
  const good = 'cd,receive,10,,';

  it.each([
    ['without its last value', 'cd,receive,10', 'ROW.MALFORMED'],
    ['with a value too many', 'cd,receive,10,,,', 'ROW.MALFORMED'],
    ['with an open quote', '"cd,receive,10,,', 'ROW.MALFORMED'],
    ['with a quote inside of a value', 'c"d",receive,10,,', 'ROW.MALFORMED'],
    ['with text after a quote', '"c"d,receive,10,,', 'ROW.MALFORMED'],
    ['without an item', ',receive,10,,', 'ROW.INVALID'],
    ['with an item that cannot be one', 'c d,receive,10,,', 'ROW.INVALID'],
    ['with another command', 'cd,reserve,10,,', 'ROW.INVALID'],
    ['without a quantity', 'cd,receive,,,', 'ROW.INVALID'],
    ['with a quantity of nothing', 'cd,receive,0,,', 'ROW.INVALID'],
    ['with a fraction', 'cd,receive,1.5,,', 'ROW.INVALID'],
    ['with a number in words', 'cd,receive,ten,,', 'ROW.INVALID'],
    ['with a number that is too large', 'cd,receive,1000000001,,', 'ROW.INVALID'],
    ['with more digits than a number keeps', 'cd,receive,99999999999999999999,,', 'ROW.INVALID'],
    ['that corrects by nothing', 'cd,adjust,0,counted,', 'ROW.INVALID'],
    ['that corrects without a reason', 'cd,adjust,1,,', 'ROW.INVALID'],
    ['that receives with a reason', 'cd,receive,1,counted,', 'ROW.INVALID'],
    ['with a text that is too long', `cd,receive,1,,${'x'.repeat(141)}`, 'ROW.INVALID'],
    ['that is too long', `cd,receive,1,,${'x'.repeat(MAX_LINE_BYTES)}`, 'ROW.TOO_LONG'],
  ])('%s does not stop the others', async (_, bad, code) => {
    for (const size of [5, 1_000_000]) {
      expect(await read('csv', csv(good, bad, good), size)).toEqual([
        [2, cd],
        [3, code],
        [4, cd],
      ]);
    }
  });

  it('and another with open quotes do not stop the others', async () => {
    const codes = [cd, 'ROW.MALFORMED', 'ROW.MALFORMED', cd];
    const rows = await read('csv', csv(good, '"cd,receive,1,,', 'mc",receive,1,,', good));
    expect(rows).toEqual(codes.map((row, index) => [index + 2, row]));
  });

  it('that is not UTF-8 does not stop the others', async () => {
    const file = Buffer.concat([
      Buffer.from(csv(good, 'c')),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(`\n${good}`),
    ]);
    expect(await read('csv', file, 9)).toEqual([
      [2, cd],
      [3, 'ROW.NOT_UTF8'],
      [4, cd],
    ]);
  });

  it('says what is wrong with it', async () => {
    expect(
      await details(csv('cd,receive,10', 'cd,receive,1,why,', 'cd,receive,x,,', '"cd,receive,1,,')),
    ).toEqual([
      'the line has 3 values, and the header 5',
      'reason: does not belong here',
      'quantity: Invalid input: expected number, received string',
      'a quote is not closed on the line',
    ]);
  });
});

describe('the rows of an NDJSON file', () => {
  const row = JSON.stringify(cd);

  it('are read, however they arrive', async () => {
    const file = `\uFEFF${row}\r\n\n${JSON.stringify({ ...cd, reference: 'größer' })}\n${row}`;
    for (const size of [1, 5, 1_000]) {
      expect(await read('ndjson', file, size)).toEqual([
        [1, cd],
        [3, { ...cd, reference: 'größer' }],
        [4, cd],
      ]);
    }
    expect(await read('ndjson', '')).toEqual([]);
  });

  it.each([
    ['no JSON', '{"sku":', 'ROW.MALFORMED'],
    ['an array', '[]', 'ROW.MALFORMED'],
    ['a key twice', '{"sku":"cd","sku":"mc","command":"receive","quantity":1}', 'ROW.MALFORMED'],
    ['a field that is not known', JSON.stringify({ ...cd, price: 1 }), 'ROW.INVALID'],
    ['a number as text', JSON.stringify({ ...cd, quantity: '10' }), 'ROW.INVALID'],
    ['fields that look like a fault', '{"code":"x","detail":"y"}', 'ROW.INVALID'],
  ])('with %s are named by their lines', async (_, bad, code) => {
    expect(await read('ndjson', `${row}\n${bad}\n${row}`)).toEqual([
      [1, cd],
      [2, code],
      [3, cd],
    ]);
  });
});
