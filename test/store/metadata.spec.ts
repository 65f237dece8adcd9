import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import {
  BACKWARDS,
  conflictAt,
  END,
  eventually,
  failureOf,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
  revisions,
} from './store-kit.js';

describe(`the metadata of a stream, with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(() => {
    stream = newStream();
  });
  afterAll(() => store.close());

  const visible = async (): Promise<number[]> => revisions(await store.readStream(stream));

  test('are absent at first', async () => {
    await store.append(stream, newEvents('A'), NO_STREAM);
    expect(await store.getMetadata(stream)).toBeUndefined();
  });

  test('are read back as set, including custom properties', async () => {
    const metadata = { maxCount: 7, maxAge: 3_600, truncateBefore: 0, owner: 'me' };
    await store.setMetadata(stream, metadata);
    expect(await store.getMetadata(stream)).toEqual(metadata);
  });

  test('keep an access control list, whether or not it is enforced', async () => {
    const acl = { readRoles: ['$admins', 'auditor'], writeRoles: ['$admins'] };
    await store.append(stream, newEvents('A'), NO_STREAM);
    await store.setMetadata(stream, { acl: { ...acl, metaReadRoles: ['$all'] } });
    expect(await store.getMetadata(stream)).toMatchObject({ acl });
  });

  test('live in $$stream, as an event of type $metadata', async () => {
    await store.setMetadata(stream, { maxCount: 7, owner: 'me' });
    const [event] = recorded(await store.readStream(`$$${stream}`));
    expect(event).toMatchObject({
      type: '$metadata',
      revision: 0n,
      isJson: true,
      data: { $maxCount: 7, owner: 'me' },
    });
  });

  test('have an expected revision of their own', async () => {
    await store.append(stream, newEvents('A', 'B', 'C'), NO_STREAM);
    expect(await store.setMetadata(stream, { maxCount: 10 }, NO_STREAM)).toMatchObject({
      nextExpectedRevision: 0n,
    });
    expect(await store.setMetadata(stream, { maxCount: 20 }, 0n)).toMatchObject({ nextExpectedRevision: 1n });
    expect(await failureOf(store.setMetadata(stream, { maxCount: 30 }, 0n))).toMatchObject(conflictAt(1n));
    expect(await store.getMetadata(stream)).toEqual({ maxCount: 20 });
  });

  test('show their last event only', async () => {
    for (const maxCount of [10, 20, 30]) await store.setMetadata(stream, { maxCount });
    expect(revisions(await store.readStream(`$$${stream}`))).toEqual([2]);
  });

  test('alone make no stream: it is not found, and still accepts NO_STREAM', async () => {
    await store.setMetadata(stream, { maxCount: 10 });
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
    expect(await store.append(stream, newEvents('A'), NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
    expect(await visible()).toEqual([0]);
  });

  describe('of one that holds five events', () => {
    beforeEach(async () => {
      await store.append(stream, newEvents('A', 'B', 'C', 'D', 'E'), NO_STREAM);
    });

    test('with $maxCount hide all but the last ones at once: reads start at the first visible one', async () => {
      await store.setMetadata(stream, { maxCount: 2 });
      expect(await visible()).toEqual([3, 4]);
      expect(revisions(await store.readStream(stream, { from: 1n }))).toEqual([3, 4]);
      expect(revisions(await store.readStream(stream, { from: 1n, limit: 1 }))).toEqual([3]);
      expect(revisions(await store.readStream(stream, { from: END, direction: BACKWARDS }))).toEqual([4, 3]);
    });

    test('with $maxCount hide one more with each that is appended, and revisions continue', async () => {
      await store.setMetadata(stream, { maxCount: 2 });
      expect(await store.append(stream, newEvents('F'), 4n)).toMatchObject({ nextExpectedRevision: 5n });
      expect(await visible()).toEqual([4, 5]);
    });

    test('with $tb hide what is before', async () => {
      await store.setMetadata(stream, { truncateBefore: 3 });
      expect(await visible()).toEqual([3, 4]);
      expect(await failureOf(store.append(stream, newEvents('F'), 2n))).toMatchObject(conflictAt(4n));
    });

    test('show again what they hid when they no longer say so', async () => {
      await store.setMetadata(stream, { truncateBefore: 3 });
      await store.setMetadata(stream, {});
      // A server that cleans up in between may have removed them permanently.
      expect((await visible()).slice(-2)).toEqual([3, 4]);
    });

    test('with $maxAge hide what is older', async () => {
      await store.setMetadata(stream, { maxAge: 1 });
      // A stream with nothing visible may be empty or missing.
      await eventually('all have aged', async () => {
        const seen = await visible().catch(
          (error: { type?: string }) => error.type === 'stream-not-found' && [],
        );
        return seen !== false && seen.length === 0;
      });
      await store.setMetadata(stream, { maxAge: 3_600 });
      await store.append(stream, newEvents('F'), 4n);
      expect((await visible()).at(-1)).toBe(5);
    });
  });
});
