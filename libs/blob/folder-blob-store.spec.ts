import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sha256 } from '#libs/core/sha256.js';
import { BlobStoreUnavailableError } from './blob-store.errors.js';
import { blobStoreScenarios } from './blob-store.scenarios.js';
import { openBlobStore } from './open-blob-store.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'perdure blobs-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = () => openBlobStore(pathToFileURL(join(folder, 'blobs')).href);
const folderOf = (owner: string) => join(folder, 'blobs', sha256(owner));

blobStoreScenarios(async () => ({
  store: open(),
  longest: 1_000,
  alter: ({ owner, hash }, content) => writeFile(join(folderOf(owner), hash), content),
  stored: async (owner) => (await readdir(folderOf(owner))).filter((name) => /^[0-9a-f]+$/.test(name)),
}));

it('stays in its folder', async () => {
  await open().put(`../../${randomUUID()}`, Buffer.from('in'));
  expect(await readdir(folder)).toEqual(['blobs']);
});

it('has no owners before anything was put', async () => {
  const store = openBlobStore(pathToFileURL(join(folder, 'none')).href);
  for await (const { owner } of store.owners()) throw new Error(`${owner} is not expected`);
});

it('replaces what a crash of the machine has cut off', async () => {
  const owner = randomUUID();
  const ref = await open().put(owner, Buffer.from('whole'));
  await writeFile(join(folderOf(owner), ref.hash), 'who');
  await open().put(owner, Buffer.from('whole'));
  expect(Buffer.from(await open().get(ref)).toString()).toBe('whole');
});

it('removes what a killed process has left, with its owner', async () => {
  const owner = randomUUID();
  const ref = await open().put(owner, Buffer.from('whole'));
  await writeFile(join(folderOf(owner), `.${randomUUID()}`), 'ha');
  expect(await open().get(ref)).toHaveLength(5);
  await open().remove(owner);
  await expect(readdir(folderOf(owner))).rejects.toThrow('ENOENT');
});

it('is unavailable, not empty, when its folder cannot be used', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'not a folder');
  const store = openBlobStore(pathToFileURL(file).href);
  const ref = { owner: 'one', hash: sha256('1'), bytes: 1 };
  const owners = async () => {
    for await (const { owner } of store.owners()) throw new Error(`${owner} is not expected`);
  };
  await expect(store.put('one', Buffer.from('1'))).rejects.toThrow(BlobStoreUnavailableError);
  await expect(store.get(ref)).rejects.toThrow(BlobStoreUnavailableError);
  await expect(owners()).rejects.toThrow(BlobStoreUnavailableError);
});
