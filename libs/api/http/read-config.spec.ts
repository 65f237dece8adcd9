import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readConfig } from './read-config.js';

const schema = z.object({
  DATABASE_URL: z.url('must be an address').default('postgres://127.0.0.1'),
  SANDBOX_FILE: z.string().optional(),
});
const folder = mkdtempSync(join(tmpdir(), 'read-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(folder, 'database-url');
  writeFileSync(file, text);
  return file;
}

describe('a variable that is given as a file', () => {
  it.each(['postgres://me:secret@db', 'postgres://me:secret@db\n', 'postgres://me:secret@db\r\n'])(
    'has the value in the file, without line ends: %j',
    (text) => {
      expect(readConfig(schema, { DATABASE_URL_FILE: fileWith(text), DATABASE_URL: '' })).toEqual({
        DATABASE_URL: 'postgres://me:secret@db',
      });
    },
  );

  it('may not be set as well', () => {
    const both = { DATABASE_URL_FILE: fileWith('postgres://db'), DATABASE_URL: 'postgres://other' };
    expect(() => readConfig(schema, both)).toThrow(
      'DATABASE_URL_FILE: DATABASE_URL is set, too; set one of them',
    );
  });

  it('must be in a file that can be read and is not empty', () => {
    const missing = join(folder, 'missing');
    expect(() => readConfig(schema, { DATABASE_URL_FILE: missing })).toThrow(
      `DATABASE_URL_FILE: ${missing} cannot be read (ENOENT)`,
    );
    expect(() => readConfig(schema, { DATABASE_URL_FILE: fileWith('\n') })).toThrow('is empty');
  });

  it('is not shown if it is invalid', () => {
    const read = () => readConfig(schema, { DATABASE_URL_FILE: fileWith('secret') });
    expect(read).toThrow(/^DATABASE_URL: must be an address$/);
  });
});

it('reads no file for a variable whose own name ends in _FILE, nor for one that is unknown', () => {
  const environment = { SANDBOX_FILE: '/tmp/orders.jsonl', OTHER_FILE: join(folder, 'missing') };
  expect(readConfig(schema, environment)).toMatchObject({ SANDBOX_FILE: '/tmp/orders.jsonl' });
});
