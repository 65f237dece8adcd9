import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AppendLog } from './append-log.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'append-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('has what was appended before, in order', () => {
  const file = join(folder, 'deep/below/log.jsonl');
  const log = new AppendLog(file);
  expect(log.found).toEqual([]);
  log.append({ text: 'two\nlines' });
  log.append({ text: 'é' });
  expect(new AppendLog(file).found).toEqual([{ text: 'two\nlines' }, { text: 'é' }]);
});

it('drops a line that a kill cut off, and keeps what is appended after it', () => {
  const file = join(folder, 'cut.jsonl');
  new AppendLog(file).append({ text: 'é' });
  appendFileSync(file, '{"text":"never answ');
  const log = new AppendLog(file);
  log.append({ text: 'next' });
  expect(new AppendLog(file).found).toEqual([{ text: 'é' }, { text: 'next' }]);
});
