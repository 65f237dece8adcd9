import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppendResult, EventData } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import {
  ANY,
  conflictAt,
  failureOf,
  ids,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
  revisions,
  STREAM_EXISTS,
} from './store-kit.js';

/** An idempotent answer proves the ids, never the content: the store compares nothing else. */
describe(`an append with ids that may be there already, with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(() => {
    stream = newStream();
  });
  afterAll(() => store.close());

  const stored = async (): Promise<string[]> => ids(await store.readStream(stream));

  describe('when the stream holds A B, appended as one', () => {
    let [a, b, c, x] = newEvents('A', 'B', 'C', 'X');
    let first: AppendResult;
    beforeEach(async () => {
      [a, b, c, x] = newEvents('A', 'B', 'C', 'X');
      first = await store.append(stream, [a, b], NO_STREAM);
    });

    test.each([
      ['NO_STREAM', NO_STREAM],
      ['ANY', ANY],
      ['STREAM_EXISTS', STREAM_EXISTS],
    ] as const)(
      'A B again with %s is answered as the first time, and nothing is written',
      async (_, expected) => {
        expect(await store.append(stream, [a, b], expected)).toEqual(first);
        expect(await stored()).toEqual([a.id, b.id]);
      },
    );

    test('A alone with NO_STREAM is answered with revision 0, and nothing is written', async () => {
      expect(await store.append(stream, [a], NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
      expect(await stored()).toEqual([a.id, b.id]);
    });

    test('A B again with the current exact revision is written again: ids are compared only where it points', async () => {
      expect(await store.append(stream, [a, b], 1n)).toMatchObject({ nextExpectedRevision: 3n });
      const read = await store.readStream(stream);
      expect(ids(read)).toEqual([a.id, b.id, a.id, b.id]);
      expect(revisions(read)).toEqual([0, 1, 2, 3]);
    });

    test.each([
      ['A B C with NO_STREAM', () => [a, b, c], NO_STREAM],
      ['B C with exact 0', () => [b, c], 0n],
      ['A X with NO_STREAM', () => [a, x], NO_STREAM],
    ] as const)('%s conflicts: a partial overlap is no repeat', async (_, events, expected) => {
      expect(await failureOf(store.append(stream, events(), expected))).toMatchObject(conflictAt(1n));
      expect(await stored()).toEqual([a.id, b.id]);
    });

    test.each([
      ['B C', () => [b, c]],
      ['A B C', () => [a, b, c]],
    ] as const)('%s with ANY is written: only a full repeat counts there', async (_, events) => {
      const last = BigInt(1 + events().length);
      expect(await store.append(stream, events(), ANY)).toMatchObject({ nextExpectedRevision: last });
      expect(await stored()).toEqual([a.id, b.id, ...events().map(({ id }) => id)]);
    });
  });

  describe('when the stream holds A B C D, appended one by one', () => {
    let [a, b, c, d] = newEvents('A', 'B', 'C', 'D');
    const all = (): string[] => [a, b, c, d].map(({ id }) => id);
    beforeEach(async () => {
      [a, b, c, d] = newEvents('A', 'B', 'C', 'D');
      for (const [index, event] of [a, b, c, d].entries()) {
        await store.append(stream, [event], index === 0 ? NO_STREAM : BigInt(index - 1));
      }
    });

    test('an old retry of B is known where it sits right after the expected revision', async () => {
      const positions = recorded(await store.readStream(stream)).map(({ position }) => position);
      const answer = await store.append(stream, [b], 0n);
      expect(answer).toMatchObject({ nextExpectedRevision: 1n, position: positions[1] });
      expect(await stored()).toEqual(all());
    });

    test('a retry of B C is known too: it may span the first appends', async () => {
      expect(await store.append(stream, [b, c], 0n)).toMatchObject({ nextExpectedRevision: 2n });
      expect(await stored()).toEqual(all());
    });

    test.each([1n, 2n])('B with exact %d conflicts', async (expected) => {
      expect(await failureOf(store.append(stream, [b], expected))).toMatchObject(conflictAt(3n));
      expect(await stored()).toEqual(all());
    });

    test('B with the revision of the head is written again, and from then on ANY knows its last occurrence', async () => {
      expect(await store.append(stream, [b], 3n)).toMatchObject({ nextExpectedRevision: 4n });
      expect(await stored()).toEqual([...all(), b.id]);
      expect(await store.append(stream, [b], ANY)).toMatchObject({ nextExpectedRevision: 4n });
      expect(await stored()).toEqual([...all(), b.id]);
    });

    test('D with other data is answered as the first time, and the old data stays', async () => {
      const changed = { ...d, data: { name: 'changed' } } as EventData;
      expect(await store.append(stream, [changed], 2n)).toMatchObject({
        success: true,
        nextExpectedRevision: 3n,
      });
      expect(recorded(await store.readStream(stream)).map(({ data }) => data)).toEqual(
        ['A', 'B', 'C', 'D'].map((name) => ({ name })),
      );
    });
  });

  test('with the same id twice in one append writes both', async () => {
    const [x] = newEvents('X');
    expect(await store.append(stream, [x, x], NO_STREAM)).toMatchObject({ nextExpectedRevision: 1n });
    expect(await stored()).toEqual([x.id, x.id]);
  });

  test('with an id that is in another stream writes it here too', async () => {
    const [x] = newEvents('X');
    await store.append(newStream(), [x], NO_STREAM);
    await store.append(stream, [x], ANY);
    expect(await stored()).toEqual([x.id]);
  });

  test('twice at once is answered alike and written once', async () => {
    const events = newEvents('A', 'B');
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => store.append(stream, events, NO_STREAM)),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await stored()).toEqual(events.map(({ id }) => id));
  });
});
