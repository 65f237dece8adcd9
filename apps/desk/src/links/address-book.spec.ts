import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addressBook } from './address-book.js';

const folder = mkdtempSync(join(tmpdir(), 'address-book-'));
const file = join(folder, 'book.json');
let changes = 0;

function write(book: unknown): void {
  writeFileSync(file, typeof book === 'string' ? book : JSON.stringify(book));
  utimesSync(file, 1, (changes += 1));
}

beforeEach(() => write({ default: { tom: 'tom@example.com' }, acme: { ada: 'ada@acme.example' } }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the address book', () => {
  it('knows people of each tenant', async () => {
    const addressOf = addressBook(file);
    expect(await addressOf('default', 'tom')).toBe('tom@example.com');
    expect(await addressOf('acme', 'tom')).toBeUndefined();
    expect(await addressOf('default', 'constructor')).toBeUndefined();
    expect(await addressOf('nowhere', 'tom')).toBeUndefined();
  });

  it('is read again once it has changed', async () => {
    const addressOf = addressBook(file);
    await addressOf('default', 'tom');
    write({ default: { sue: 'sue@example.com' } });
    expect(await addressOf('default', 'tom')).toBeUndefined();
    expect(await addressOf('default', 'sue')).toBe('sue@example.com');
  });

  it.each([
    ['is no JSON', '{ tom@example.com'],
    ['has something that is no address', { default: { tom: 'nobody' } }],
    ['has no tenants', { tom: 'tom@example.com' }],
  ])('is unavailable, without quoting it, if it %s', async (_, book) => {
    write(book);
    await expect(addressBook(file)('default', 'tom')).rejects.toThrow(/^address book does not answer$/);
  });

  it('is unavailable if there is no file', async () => {
    const missing = addressBook(join(folder, 'none.json'));
    await expect(missing('default', 'tom')).rejects.toThrow('address book does not answer');
  });
});
