import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { BlobOwner, BlobRef, BlobStore } from './blob-store.js';
import { BlobAlteredError, BlobMissingError, BlobTooLargeError } from './blob-store.errors.js';

/** A store under test, and what a fault does to it. */
export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  /** Characters of the longest owner that it takes. */
  readonly longest: number;
  /** Replaces the content that is stored. */
  alter(ref: BlobRef, content: Uint8Array): Promise<void>;
  /** Everything that is stored under the name of this owner and could be read as a blob. */
  stored(owner: string): Promise<readonly string[]>;
}

const text = (content: string) => Buffer.from(content);
const bytesOf = async (chunks: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

async function* chunked(content: Uint8Array, size = 100_000) {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

/** What every store of blobs does. */
export function blobStoreScenarios(open: () => Promise<BlobStoreUnderTest>): void {
  let under: BlobStoreUnderTest;
  let store: BlobStore;
  let owner: string;
  beforeAll(async () => (under = await open()));
  beforeEach(() => {
    store = under.store;
    owner = `order-${randomUUID()}`;
  });

  const ownersNow = async () => {
    const all: BlobOwner[] = [];
    for await (const one of store.owners()) all.push(one);
    return all;
  };
  const known = async () => (await ownersNow()).find((one) => one.owner === owner);

  it('gives back what was put, under its hash', async () => {
    const content = randomBytes(300_000);
    const ref = await store.put(owner, content);
    expect(ref).toEqual({ owner, hash: sha256(content), bytes: 300_000 });
    expect(Buffer.from(await store.get(ref)).equals(content)).toBe(true);
    expect((await bytesOf(store.read(ref))).equals(content)).toBe(true);
  });

  it('keeps an empty content', async () => {
    const ref = await store.put(owner, new Uint8Array());
    expect(ref.bytes).toBe(0);
    expect(await store.get(ref)).toHaveLength(0);
    expect(await bytesOf(store.read(ref))).toHaveLength(0);
    expect(await store.upload(owner, chunked(new Uint8Array()), 10)).toEqual(ref);
  });

  it('keeps the same content once, whatever way it comes', async () => {
    const content = randomBytes(250_000);
    const ref = await store.put(owner, content);
    const again = await Promise.all([
      store.put(owner, content),
      store.put(owner, content),
      store.upload(owner, chunked(content), 250_000),
    ]);
    expect(again).toEqual([ref, ref, ref]);
    expect(await under.stored(owner)).toEqual([ref.hash]);
  });

  it('counts a content that is put again as written now', async () => {
    const content = text('again');
    await store.put(owner, content);
    const first = (await known())?.newestAt.getTime() ?? Infinity;
    // A store may tell whole seconds.
    const until = Date.now() + 3_000;
    let last = first;
    while (last <= first && Date.now() < until) {
      await store.put(owner, text('again'));
      last = (await known())?.newestAt.getTime() ?? 0;
    }
    expect(last).toBeGreaterThan(first);
  });

  it('streams a large content in, and ranges of it out', async () => {
    const content = randomBytes(12_000_000);
    const ref = await store.upload(owner, chunked(content), 12_000_000);
    expect(ref).toEqual({ owner, hash: sha256(content), bytes: 12_000_000 });
    const whole = await bytesOf(store.read(ref));
    expect(whole.equals(content)).toBe(true);
    for (const [from, to] of [
      [0, 10],
      [11_999_990, 12_000_000],
      [5_000_000, 6_000_000],
      [7, 7],
    ] as const) {
      const part = await bytesOf(store.read(ref, { from, to }));
      expect(part.equals(content.subarray(from, to))).toBe(true);
    }
  });

  it('keeps nothing of a content that is too large', async () => {
    const upload = store.upload(owner, chunked(randomBytes(12_000_000)), 11_000_000);
    await expect(upload).rejects.toThrow(BlobTooLargeError);
    expect(await under.stored(owner)).toEqual([]);
  });

  it('keeps nothing of a content whose sender fails, and passes its error on', async () => {
    async function* failing() {
      yield randomBytes(6_000_000);
      throw new RangeError('the client has gone');
    }
    await expect(store.upload(owner, failing(), 20_000_000)).rejects.toThrow(RangeError);
    expect(await under.stored(owner)).toEqual([]);
  });

  it('shows nothing before all of it is stored', async () => {
    const content = randomBytes(6_000_000);
    const ref: BlobRef = { owner, hash: sha256(content), bytes: content.length };
    async function* looking() {
      yield content.subarray(0, 5_900_000);
      expect(await under.stored(owner)).toEqual([]);
      await expect(store.get(ref)).rejects.toThrow(BlobMissingError);
      yield content.subarray(5_900_000);
    }
    expect(await store.upload(owner, looking(), 6_000_000)).toEqual(ref);
    expect(await under.stored(owner)).toEqual([ref.hash]);
  });

  it('says what is missing', async () => {
    const ref = await store.put(owner, text('here'));
    const none = { ...ref, hash: sha256(text('there')) };
    await expect(store.get(none)).rejects.toThrow(BlobMissingError);
    await expect(bytesOf(store.read(none))).rejects.toThrow(BlobMissingError);
    await expect(bytesOf(store.read(none, { from: 0, to: 1 }))).rejects.toThrow(BlobMissingError);
    await expect(store.get({ ...ref, owner: 'another' })).rejects.toThrow(BlobMissingError);
  });

  it.each(['../../../etc/passwd', '', 'owner', 'ABC', `${'0'.repeat(63)}/`])(
    'finds nothing under a hash that is not one: %p',
    async (hash) => {
      const ref = { ...(await store.put(owner, text('here'))), hash };
      await expect(store.get(ref)).rejects.toThrow(BlobMissingError);
      await expect(bytesOf(store.read(ref))).rejects.toThrow(BlobMissingError);
    },
  );

  it.each([
    ['other content of the same length', 'herE'],
    ['less', 'her'],
    ['more', 'here!'],
    ['nothing', ''],
  ])('does not give out what was altered: %s', async (_, altered) => {
    const ref = await store.put(owner, text('here'));
    await under.alter(ref, text(altered));
    await expect(store.get(ref)).rejects.toThrow(BlobAlteredError);
    await expect(bytesOf(store.read(ref))).rejects.toThrow(BlobAlteredError);
  });

  it('does not take another length for granted', async () => {
    const ref = await store.put(owner, text('here'));
    await expect(store.get({ ...ref, bytes: 3 })).rejects.toThrow(BlobAlteredError);
    await expect(bytesOf(store.read({ ...ref, bytes: 5 }))).rejects.toThrow(BlobAlteredError);
  });

  it.each([
    ['a path', () => `../../${randomUUID()}/..`],
    ['slashes, blanks and signs', () => `/a b/${randomUUID()}?x=%2F&y=#1\\`],
    ['other scripts', () => `Größe-東京-🚚-${randomUUID()}`],
    ['dots', () => `.${randomUUID()}..`],
    ['a long one', () => `${randomUUID()}${'long-'.repeat(200)}`.slice(0, under.longest)],
  ])('takes any name of an owner: %s', async (_, make) => {
    owner = make();
    const ref = await store.put(owner, text('kept'));
    expect(Buffer.from(await store.get(ref)).toString()).toBe('kept');
    const { newestAt = new Date(0) } = (await known()) ?? {};
    expect(Math.abs(Date.now() - newestAt.getTime())).toBeLessThan(60_000);
    await store.remove(owner);
    expect(await known()).toBeUndefined();
  });

  it('tells apart owners that differ in case, or continue another', async () => {
    const names = [owner, owner.toUpperCase(), `${owner}/1`, `${owner}2`];
    for (const name of names) await store.put(name, text(name));
    await store.remove(owner);
    const left = (await ownersNow()).map((one) => one.owner).filter((name) => names.includes(name));
    expect(left.sort()).toEqual(names.slice(1).sort());
  });

  it('removes all of an owner, and what is not there as well', async () => {
    const refs = [await store.put(owner, text('1')), await store.put(owner, text('2'))];
    await store.remove(owner);
    await store.remove(owner);
    for (const ref of refs) await expect(store.get(ref)).rejects.toThrow(BlobMissingError);
    expect(await known()).toBeUndefined();
    const again = await store.put(owner, text('1'));
    expect(Buffer.from(await store.get(again)).toString()).toBe('1');
  });
}
