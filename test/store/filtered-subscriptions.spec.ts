import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Filter, Position } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { newEvent, newEvents, newStream, NO_STREAM, recorded } from './store-kit.js';

interface Search {
  readonly prefixes?: string[];
  readonly regex?: string;
  readonly on?: 'streamName' | 'eventType';
  readonly window?: number;
  readonly interval?: number;
}

/** A subscription to $all with a filter, and its checkpoints. */
class Filtered extends Collector {
  constructor(
    store: StoreClient,
    from: Position,
    search: Search,
    readonly checkpoints: Position[] = [],
  ) {
    const { prefixes, regex, on = 'streamName', window, interval = 1 } = search;
    const filter = {
      filterOn: on,
      checkpointInterval: interval,
      checkpointReached: (_: unknown, position: Position) => void checkpoints.push(position),
      ...(prefixes && { prefixes }),
      ...(regex && { regex }),
      ...(window !== undefined && { maxSearchWindow: window }),
    } as Filter;
    super(store.subscribeToAll({ from, filter }));
  }
}

describe(`a filtered subscription to $all with ${clientName}`, () => {
  let store: StoreClient;
  let category: string;
  let start: Position;
  let open: Filtered[] = [];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(async () => {
    category = newStream('c').replaceAll('-', '');
    const stream = newStream('start');
    await store.append(stream, newEvents('start'), NO_STREAM);
    start = recorded(await store.readStream(stream))[0]!.position!;
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.stop()));
    open = [];
  });
  afterAll(() => store.close());

  function subscribe(search: Search, from = start): Filtered {
    const filtered = new Filtered(store, from, search);
    open.push(filtered);
    return filtered;
  }

  const noise = async (count: number): Promise<void> => {
    await store.append(
      newStream('noise'),
      Array.from({ length: count }, () => newEvent('noise')),
    );
  };

  const matching = async (count: number): Promise<string[]> => {
    const events = Array.from({ length: count }, (_, index) => newEvent(`match ${index}`));
    for (const event of events) await store.append(`${category}-one`, [event]);
    return events.map(({ id }) => id);
  };

  test.each<[string, () => Search]>([
    ['prefixes of stream names', () => ({ prefixes: [`${category}-a`, `${category}-b`] })],
    ['a regular expression over stream names', () => ({ regex: `^${category}-[ab]` })],
    ['prefixes of event types', () => ({ on: 'eventType', prefixes: [`${category}A`, `${category}B`] })],
    ['a regular expression over event types', () => ({ on: 'eventType', regex: `^${category}[AB]$` })],
  ])('by %s delivers only what matches, while catching up and live', async (_, search) => {
    const wanted: string[] = [];
    const appendRound = async (): Promise<void> => {
      for (const letter of ['a', 'b', 'c']) {
        const event = newEvent(letter, { type: `${category}${letter.toUpperCase()}` });
        await store.append(`${category}-${letter}`, [event]);
        if (letter !== 'c') wanted.push(event.id);
      }
    };
    await appendRound();
    const seen = subscribe(search());
    await seen.untilCount(2);
    await seen.untilCaughtUp();
    await appendRound();
    await seen.untilCount(4);
    expect(seen.ids).toEqual(wanted);
  });

  test('takes a prefix literally, whatever it would mean as a pattern', async () => {
    const odd = `${category}%_.*[x`;
    const seen = subscribe({ prefixes: [odd] });
    await store.append(`${category}xyz.*[x`, newEvents('X'));
    const [a] = newEvents('A');
    await store.append(`${odd}-1`, [a]);
    await seen.untilCount(1);
    expect(seen.ids).toEqual([a.id]);
  });

  test('can leave out system events by a pattern', async () => {
    const seen = subscribe({ on: 'eventType', regex: '^[^$].*' });
    await store.setMetadata(`${category}-one`, { maxCount: 10 });
    const [id] = await matching(1);
    await seen.until('the event has come', () => seen.ids.includes(id));
    expect(seen.events.filter(({ event }) => event?.type.startsWith('$'))).toEqual([]);
  });

  test('receives a checkpoint every interval of windows while it catches up, even if nothing matches', async () => {
    await noise(400);
    const seen = subscribe({ prefixes: [`${category}-`], window: 10, interval: 2 });
    await seen.untilCaughtUp();
    // 400 events are 40 windows. The server decides where the first one starts.
    expect(seen.checkpoints.length).toBeGreaterThanOrEqual(18);
    expect(seen.checkpoints.length).toBeLessThanOrEqual(24);
    expect(seen.events).toEqual([]);
  });

  test('receives checkpoints while it is live too, in the form commit/0', async () => {
    const seen = subscribe({ prefixes: [`${category}-`], window: 10, interval: 1 });
    await seen.untilCaughtUp();
    const before = seen.checkpoints.length;
    for (let round = 0; round < 6; round++) await noise(10);
    await seen.until('checkpoints have come', () => seen.checkpoints.length >= before + 3);
    const live = seen.checkpoints.at(-1)!;
    expect(live.commit).toBeGreaterThan(start.commit);
    expect(live.prepare).toBe(0n);
  });

  test('has rising checkpoints, in order with its events', async () => {
    const order: bigint[] = [];
    await noise(50);
    await matching(5);
    await noise(50);
    const checkpoints = Object.assign([] as Position[], {
      push: ({ commit }: Position) => order.push(commit),
    });
    const seen = new Filtered(store, start, { prefixes: [`${category}-`], window: 10 }, checkpoints);
    open.push(seen);
    await seen.untilCaughtUp();
    expect(order.length).toBeGreaterThan(5);
    expect(order).toEqual(order.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test('that begins again from any checkpoint loses nothing', async () => {
    const ids: string[] = [];
    for (let round = 0; round < 4; round++) {
      await noise(25);
      ids.push(...(await matching(2)));
    }
    const seen = subscribe({ prefixes: [`${category}-`], window: 10 });
    await seen.untilCaughtUp();
    for (let round = 0; round < 4; round++) {
      await noise(10);
      ids.push(...(await matching(1)));
    }
    await noise(30);
    await seen.untilCount(ids.length);
    expect(seen.ids).toEqual(ids);
    const positions = new Map(recorded(seen.events).map(({ id, position }) => [id, position!.commit]));
    const checkpoints = seen.checkpoints.filter((_, index) => index % 3 === 0);
    expect(checkpoints.length).toBeGreaterThan(3);
    for (const checkpoint of checkpoints) {
      const again = subscribe({ prefixes: [`${category}-`], window: 10 }, checkpoint);
      await again.untilCaughtUp();
      const missing = ids.filter((id) => positions.get(id)! > checkpoint.commit);
      expect(again.ids).toEqual(missing);
    }
  });
});
