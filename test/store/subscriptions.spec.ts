import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AllStreamSubscription, RecordedEvent, StreamSubscription } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { END, eventually, newEvent, newEvents, newStream, NO_STREAM, recorded, START } from './store-kit.js';

describe(`a subscription with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  let open: Collector[] = [];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(() => {
    stream = newStream();
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.stop()));
    open = [];
  });
  afterAll(() => store.close());

  function collect(subscription: StreamSubscription | AllStreamSubscription): Collector {
    const collector = new Collector(subscription);
    open.push(collector);
    return collector;
  }

  const idsOf = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);

  describe('to a stream', () => {
    test('is confirmed, delivers existing events, reports that it has caught up and continues with new ones', async () => {
      const before = newEvents('A', 'B', 'C');
      await store.append(stream, before, NO_STREAM);
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilCaughtUp();
      expect(seen.isConfirmed).toBe(true);
      expect(seen.ids).toEqual(idsOf(before));
      const after = newEvents('D', 'E');
      for (const event of after) await store.append(stream, [event]);
      await seen.untilCount(5);
      expect(seen.ids).toEqual(idsOf([...before, ...after]));
    });

    test('gives events with their revision and position, as reading does', async () => {
      await store.append(stream, newEvents('A', 'B'), NO_STREAM);
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilCount(2);
      // The later client's reader truncates the time to whole seconds.
      const timeless = (events: readonly RecordedEvent[]) =>
        events.map((event) => ({ ...event, created: 0 }));
      const read = recorded(await store.readStream(stream));
      expect(timeless(recorded(seen.events))).toEqual(timeless(read));
    });

    test('from revision n starts at n + 1', async () => {
      const events = newEvents('A', 'B', 'C', 'D');
      await store.append(stream, events, NO_STREAM);
      const seen = collect(store.subscribeToStream(stream, 1n));
      await seen.untilCaughtUp();
      expect(seen.ids).toEqual(idsOf(events.slice(2)));
    });

    test('from END delivers only new events', async () => {
      await store.append(stream, newEvents('A', 'B'), NO_STREAM);
      const seen = collect(store.subscribeToStream(stream, END));
      await seen.untilConfirmed();
      await seen.untilCaughtUp();
      const [c] = newEvents('C');
      await store.append(stream, [c]);
      await seen.untilCount(1);
      expect(seen.ids).toEqual([c.id]);
    });

    test('from a revision beyond the end waits for what is after it', async () => {
      await store.append(stream, newEvents('A', 'B'), NO_STREAM);
      const seen = collect(store.subscribeToStream(stream, 4n));
      await seen.untilConfirmed();
      const later = newEvents('2', '3', '4', '5', '6');
      await store.append(stream, later, 1n);
      await seen.until('the sixth has come', () => seen.ids.includes(later[3].id));
      expect(seen.failure).toBeUndefined();
    });

    test('that is missing is confirmed, and gives events when it appears', async () => {
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilConfirmed();
      const events = newEvents('A', 'B');
      await store.append(stream, events, NO_STREAM);
      await seen.untilCount(2);
      expect(seen.ids).toEqual(idsOf(events));
    });

    test('delivers nothing from other streams', async () => {
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilConfirmed();
      await store.append(`${stream}-other`, newEvents('X'), NO_STREAM);
      const [a] = newEvents('A');
      await store.append(stream, [a], NO_STREAM);
      await seen.untilCount(1);
      expect(seen.ids).toEqual([a.id]);
    });

    test('that is deleted and written again continues', async () => {
      const before = newEvents('A', 'B');
      await store.append(stream, before, NO_STREAM);
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilCount(2);
      await store.deleteStream(stream);
      const [c] = newEvents('C');
      await store.append(stream, [c], NO_STREAM);
      await seen.untilCount(3);
      expect(seen.ids).toEqual([...idsOf(before), c.id]);
    });

    test('ends with an error when the stream is tombstoned', async () => {
      await store.append(stream, newEvents('A'), NO_STREAM);
      const seen = collect(store.subscribeToStream(stream));
      await seen.untilCaughtUp();
      await store.tombstoneStream(stream);
      await seen.untilOver();
      expect(seen.failure).toBeDefined();
    });

    test('delivers the targets of links with the links when it resolves them', async () => {
      const [a] = newEvents('A');
      await store.append(stream, [a], NO_STREAM);
      const links = newStream('links');
      const data = new TextEncoder().encode(`0@${stream}`);
      const seen = collect(store.subscribeToStream(links, START, true));
      await seen.untilConfirmed();
      await store.append(links, [
        newEvent('link', { type: '$>', contentType: 'application/octet-stream', data }),
      ]);
      await seen.untilCount(1);
      expect(seen.events).toMatchObject([{ event: { id: a.id }, link: { streamId: links, type: '$>' } }]);
    });

    test('gives each event once and in order, however many are appended while it catches up', async () => {
      const events = Array.from({ length: 3_000 }, (_, index) => newEvent(`event ${index}`));
      await store.append(stream, events.slice(0, 1_000), NO_STREAM);
      const writing = (async () => {
        for (let from = 1_000; from < events.length; from += 10) {
          await store.append(stream, events.slice(from, from + 10), BigInt(from - 1));
        }
      })();
      const several = [START, START, 499n, 999n].map((from) =>
        collect(store.subscribeToStream(stream, from as 'start')),
      );
      await writing;
      for (const [index, first] of [0, 0, 500, 1_000].entries()) {
        await several[index]!.untilCount(events.length - first);
        expect(several[index]!.ids).toEqual(idsOf(events.slice(first)));
      }
    });

    test('stops when it is unsubscribed from, and others continue', async () => {
      const [one, other] = [0, 1].map(() => collect(store.subscribeToStream(stream))) as [
        Collector,
        Collector,
      ];
      await store.append(stream, newEvents('A'), NO_STREAM);
      await Promise.all([one.untilCount(1), other.untilCount(1)]);
      await one.stop();
      await store.append(stream, newEvents('B'));
      await other.untilCount(2);
      expect(one.events).toHaveLength(1);
      expect(one.failure).toBeUndefined();
    });

    test('is one of many: each of 50 gets everything', async () => {
      const all = Array.from({ length: 50 }, () => collect(store.subscribeToStream(stream)));
      await Promise.all(all.map((one) => one.untilConfirmed()));
      const events = newEvents('A', 'B', 'C');
      for (const event of events) await store.append(stream, [event]);
      await Promise.all(all.map((one) => one.untilCount(3)));
      for (const one of all) expect(one.ids).toEqual(idsOf(events));
    });
  });

  describe('to $all', () => {
    const ofStream = (seen: Collector): string[] =>
      seen.events.flatMap(({ event }) => (event?.streamId === stream ? [event.id] : []));

    test('from the position of an event starts after it', async () => {
      const events = newEvents('A', 'B', 'C');
      await store.append(stream, events, NO_STREAM);
      const [a] = recorded(await store.readStream(stream));
      const seen = collect(store.subscribeToAll({ from: a!.position! }));
      await seen.untilCaughtUp();
      expect(ofStream(seen)).toEqual(idsOf(events.slice(1)));
    });

    test('from END delivers new events of all streams in order', async () => {
      await store.append(stream, newEvents('A'), NO_STREAM);
      const seen = collect(store.subscribeToAll({ from: END }));
      await seen.untilConfirmed();
      await seen.untilCaughtUp();
      const events = newEvents('B', 'C', 'D');
      await store.append(stream, events.slice(0, 1));
      await store.append(`${stream}-other`, newEvents('X'));
      await store.append(stream, events.slice(1));
      await seen.until('all have come', () => ofStream(seen).length >= 3);
      expect(ofStream(seen)).toEqual(idsOf(events));
    });

    test('from a position beyond the end waits', async () => {
      await store.append(stream, newEvents('A'), NO_STREAM);
      const [a] = recorded(await store.readStream(stream));
      const beyond = a!.position!.commit + 1_000_000_000n;
      const seen = collect(store.subscribeToAll({ from: { commit: beyond, prepare: beyond } }));
      await seen.untilConfirmed();
      // A later confirmation shows that time has passed.
      const witness = collect(store.subscribeToAll({ from: a!.position! }));
      await store.append(stream, newEvents('B'));
      await witness.until('the event has come', () => ofStream(witness).length === 1);
      expect(seen.failure).toBeUndefined();
      expect(seen.hasEnded).toBe(false);
    });

    test('from a position that is no event’s and no checkpoint’s ends with an error', async () => {
      await store.append(stream, newEvents('A', 'B'), NO_STREAM);
      const [a] = recorded(await store.readStream(stream));
      const between = a!.position!.commit + 1n;
      const seen = collect(store.subscribeToAll({ from: { commit: between, prepare: between } }));
      await seen.untilOver();
      expect(seen.failure).toMatchObject({ type: 'unknown' });
    });

    test('delivers each event once and in order, with any number of concurrent writers', async () => {
      const [first] = newEvents('first');
      await store.append(stream, [first], NO_STREAM);
      const [start] = recorded(await store.readStream(stream));
      const seen = collect(store.subscribeToAll({ from: start!.position! }));
      const streams = Array.from({ length: 16 }, () => newStream());
      await Promise.all(
        streams.map(async (name) => {
          for (let index = 0; index < 40; index++) await store.append(name, newEvents('A', 'B'));
        }),
      );
      const isOurs = (name: string | undefined): boolean => name !== undefined && streams.includes(name);
      const ours = () => recorded(seen.events).filter(({ streamId }) => isOurs(streamId));
      await seen.until('all have come', () => ours().length >= 16 * 80);
      expect(ours()).toHaveLength(16 * 80);
      for (const name of streams) {
        const revisions = ours().flatMap(({ streamId, revision }) =>
          streamId === name ? [Number(revision)] : [],
        );
        expect(revisions).toEqual(revisions.map((_, index) => index));
      }
      const commits = ours().map(({ position }) => position!.commit);
      expect(commits.every((commit, index) => index === 0 || commit > commits[index - 1]!)).toBe(true);
    });
  });

  describe('that is not read for a while', () => {
    const count = 6_000;
    const payload = 'x'.repeat(2_000);

    test('is dropped, or falls back to catching up: from its own checkpoint on, nothing is lost or repeated', async () => {
      const subscription = store.subscribeToStream(stream);
      let isLive = false;
      subscription.once('caughtUp', () => (isLive = true));
      // The error of 23.10: "Consumer too slow to handle event while live".
      let dropped: Error | undefined;
      subscription.on('error', (error) => (dropped = error));
      await eventually('it is live', () => isLive);
      const events = Array.from({ length: count }, () => newEvent('large', { data: { payload } }));
      for (let from = 0; from < count; from += 100)
        await store.append(stream, events.slice(from, from + 100));
      const seen: string[] = [];
      subscription.on('data', (event) => seen.push((event as { event: { id: string } }).event.id));
      await eventually(
        'it was dropped, or has given all',
        () => dropped !== undefined || seen.length === count,
      );
      await subscription.unsubscribe();
      const rest = collect(
        store.subscribeToStream(stream, seen.length === 0 ? START : BigInt(seen.length - 1)),
      );
      await rest.untilCaughtUp();
      await rest.untilCount(count - seen.length);
      expect([...seen, ...rest.ids]).toEqual(idsOf(events));
    });

    test('does not hold up others', async () => {
      const lazy = store.subscribeToStream(stream);
      lazy.on('error', () => undefined); // 23.10 drops it
      const busy = collect(store.subscribeToStream(stream));
      await busy.untilConfirmed();
      const events = Array.from({ length: 1_000 }, () => newEvent('large', { data: { payload } }));
      for (let from = 0; from < 1_000; from += 100)
        await store.append(stream, events.slice(from, from + 100));
      await busy.untilCount(1_000);
      expect(busy.ids).toEqual(idsOf(events));
      await lazy.unsubscribe();
    });
  });
});
