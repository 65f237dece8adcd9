import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { register } from 'prom-client';
import type { BlobRef } from './blob-store.js';
import { BlobMissingError } from './blob-store.errors.js';
import { startBlobSweeper, sweepBlobs } from './blob-sweeper.js';
import { FolderBlobStore } from './folder-blob-store.js';

let folder: string;
let blobs: FolderBlobStore;
let refs: Record<'used' | 'left' | 'more', BlobRef>;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'perdure-blobs-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  register.resetMetrics();
  await rm(folder, { recursive: true, force: true });
  blobs = new FolderBlobStore(folder);
  const put = (owner: string, content: string) => blobs.put(owner, Buffer.from(content));
  refs = { used: await put('used', '1'), left: await put('left', '1'), more: await put('left', '2') };
});

const isInUse = async ({ owner }: { readonly owner: string }) => owner === 'used';
const swept = async () =>
  (await register.getSingleMetric('perdure_blob_owners_swept_total')?.get())?.values[0]?.value ?? 0;

it('removes all blobs of what is not in use, and nothing else', async () => {
  await sweepBlobs({ blobs, isInUse, graceSeconds: 0 });
  expect(await blobs.get(refs.used)).toHaveLength(1);
  await expect(blobs.get(refs.left)).rejects.toThrow(BlobMissingError);
  await expect(blobs.get(refs.more)).rejects.toThrow(BlobMissingError);
  expect(await swept()).toBe(1);
});

it('leaves what was written within the last hour', async () => {
  await sweepBlobs({ blobs, isInUse });
  expect(await blobs.get(refs.left)).toHaveLength(1);
  expect(await swept()).toBe(0);
});

it('removes nothing while it cannot be known whether it is in use', async () => {
  const unknown = async () => {
    throw new Error('Temporal is away');
  };
  await expect(sweepBlobs({ blobs, isInUse: unknown, graceSeconds: 0 })).rejects.toThrow('Temporal is away');
  expect(await blobs.get(refs.left)).toHaveLength(1);
});

it('sweeps again after it has failed, until it is closed', async () => {
  let calls = 0;
  let resolve = () => {};
  const done = new Promise<void>((settle) => (resolve = settle));
  const failing = async ({ owner }: { readonly owner: string }) => {
    calls += 1;
    if (calls === 1) throw new Error('Temporal is away');
    if (owner !== 'used') resolve();
    return true;
  };
  const logger = pino({ level: 'silent' });
  const sweeper = startBlobSweeper({ blobs, isInUse: failing, everySeconds: 0.01, graceSeconds: 0, logger });
  await done;
  await sweeper.close();
  const before = calls;
  expect(await blobs.get(refs.left)).toHaveLength(1);
  expect(calls).toBe(before);
});
