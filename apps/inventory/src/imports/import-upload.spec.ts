import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderBlobStore } from '#libs/blob/folder-blob-store.js';
import { statedDigest } from './content-digest.js';
import { storeUpload } from './import-upload.js';
import type { ImportFormat } from './stock-rows.js';

const FILE = 'sku,command,quantity\ncd,receive,1\nmc,receive,2\n';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;
let blobs: FolderBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perdure-upload-'));
  blobs = new FolderBlobStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function* parts(...all: readonly string[]) {
  for (const part of all) yield Buffer.from(part);
}

async function kept(): Promise<readonly string[]> {
  const owners: string[] = [];
  for await (const { owner } of blobs.owners()) owners.push(owner);
  return owners;
}

const store = (text: string, more: { digest?: string; format?: ImportFormat } = {}) =>
  storeUpload(blobs, { format: 'csv', content: parts(text), ...more }, { bytes: 100, lines: 4 });

describe('a file that is uploaded', () => {
  it('is stored as it is', async () => {
    const ref = await store(FILE, { digest: hashOf(FILE) });
    expect(ref).toMatchObject({ hash: hashOf(FILE), bytes: FILE.length });
    expect(Buffer.from(await blobs.get(ref)).toString()).toBe(FILE);
    expect(await kept()).toEqual([ref.owner]);
  });

  it('of any NDJSON is stored: its lines are checked later', async () => {
    expect(await store('no JSON', { format: 'ndjson' })).toMatchObject({ bytes: 7 });
  });

  it.each([
    ['is not the one that was stated', FILE, { digest: hashOf('other') }, 'REQUEST.INVALID_HEADER'],
    ['has too many bytes', `${FILE}${'x'.repeat(100)}`, {}, 'IMPORT.TOO_LARGE'],
    ['has too many lines', `${FILE}\n\n`, {}, 'IMPORT.TOO_LARGE'],
    ['has another header', 'sku,price\n', {}, 'IMPORT.INVALID_HEADER'],
    ['is empty', '', {}, 'IMPORT.INVALID_HEADER'],
  ])('and %s is refused, and nothing is kept', async (_, text, more, code) => {
    await expect(store(text, more)).rejects.toMatchObject({ code });
    expect(await kept()).toEqual([]);
  });

  it('and whose connection breaks leaves nothing', async () => {
    const broken = async function* () {
      yield* parts(FILE);
      throw new Error('aborted');
    };
    await expect(storeUpload(blobs, { format: 'csv', content: broken() })).rejects.toThrow('aborted');
    expect(await kept()).toEqual([]);
  });
});

describe('a stated digest', () => {
  const base64 = createHash('sha256').update(FILE).digest('base64');

  it.each([
    ['alone', `sha-256=:${base64}:`],
    ['among others', `sha-512=:YQ==:, sha-256=:${base64}:`],
    ['in several headers', ['sha-512=:YQ==:', `sha-256=:${base64}:`]],
  ])('is found %s', (_, header) => expect(statedDigest(header)).toBe(hashOf(FILE)));

  it.each([undefined, '', 'sha-512=:YQ==:', 'md5=:YQ==:'])('may be missing: %s', (header) => {
    expect(statedDigest(header)).toBeUndefined();
  });

  it.each(['sha-256=', 'sha-256=abc', 'sha-256=:YQ==:', `sha-256=${base64}`, `sha-256="${base64}"`])(
    'that is none is refused: %s',
    (header) => expect(() => statedDigest(header)).toThrow('sha-256 has to be 32 bytes'),
  );
});
