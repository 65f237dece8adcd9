import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { RecordedEvent } from '../event-store.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { EventFeeds, type Feed, type FeedStart } from './event-feeds.js';

const ALICE = 'account-default.alice';
const BOB = 'account-default.bob';
/** Number of events that a hub buffers. */
const HELD = 50;

let store: MemoryEventStore;
let feeds: EventFeeds;
beforeEach(() => {
  store = new MemoryEventStore();
  feeds = new EventFeeds(store, pino({ level: 'silent' }), { events: HELD, bytes: 1_000_000 });
});
afterEach(() => feeds.close());

/** Writes `count` events to a stream. */
async function write(stream: string, count = 1): Promise<void> {
  for (let written = 0; written < count; written += 1) {
    const revision = store.eventsOf(stream).length - 1;
    const id = randomUUID();
    const ids = { commandId: id, $correlationId: id, $causationId: id };
    const at = '2026-01-01T00:00:00.000Z';
    const metadata = { ...ids, actor: 'tester', at, index: 0, count: 1, schemaVersion: 1 };
    await store.append(stream, revision, [{ id, type: 'Happened', data: {}, metadata }]);
  }
}

/** A listener that records what it receives. */
class Ear {
  readonly heard: RecordedEvent[] = [];
  private readonly listening: Promise<void>;

  constructor(
    private readonly feed: Feed,
    pace: () => Promise<void> = async () => undefined,
  ) {
    this.listening = this.listen(pace);
  }

  /** Waits until `count` events were received. */
  async has(count: number): Promise<string[]> {
    while (this.heard.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    return this.names;
  }

  get names(): string[] {
    return this.heard.map(({ stream, revision }) => `${stream.split('.')[1]}${revision}`);
  }

  async stop(): Promise<void> {
    this.feed.close();
    await this.listening;
  }

  private async listen(pace: () => Promise<void>): Promise<void> {
    for await (const { events } of this.feed.batches) {
      this.heard.push(...events);
      await pace();
    }
  }
}

const toStream = async (stream: string, start: FeedStart = 'start') =>
  new Ear((await feeds.ofStream('account', stream, start))!);
const toAll = async (start: FeedStart = 'start', pace?: () => Promise<void>) =>
  new Ear(await feeds.ofCategory('account', 'account-default.', start), pace);

/** `alice0`, `alice1` … */
const each = (name: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${name}${from + index}`);

describe('a feed of one entity', () => {
  it('delivers past events, then new ones, in order', async () => {
    await write(ALICE, 3);
    const ear = await toStream(ALICE);
    await ear.has(3);
    await write(BOB, 2);
    await write(ALICE, 2);
    expect(await ear.has(5)).toEqual(each('alice', 0, 4));
  });

  it('resumes after the last revision that was received', async () => {
    await write(ALICE, 3);
    const ear = await toStream(ALICE, 1n);
    expect(await ear.has(1)).toEqual(['alice2']);
  });

  it('starts with new events on request', async () => {
    await write(ALICE, 3);
    const ear = await toStream(ALICE, 'end');
    await write(ALICE);
    expect(await ear.has(1)).toEqual(['alice3']);
  });

  it('does not exist for an unknown entity', async () => {
    expect(await feeds.ofStream('account', ALICE, 'start')).toBeUndefined();
  });

  it('is refused from a revision that is not there yet', async () => {
    await write(ALICE, 3);
    await expect(feeds.ofStream('account', ALICE, 3n)).rejects.toThrow('ends at revision 2');
  });
});

describe('a feed of a category', () => {
  it('has the events of all its entities in the order of the store, and no others', async () => {
    await write(ALICE, 2);
    await write('cart-default.alice', 2);
    const ear = await toAll();
    await ear.has(2);
    await write('cart-default.alice');
    await write('account-other.alice');
    await write(BOB, 2);
    await write(ALICE);
    expect(await ear.has(5)).toEqual(['alice0', 'alice1', 'bob0', 'bob1', 'alice2']);
  });

  it('resumes after any event that it delivered', async () => {
    await write(ALICE, 2);
    await write(BOB, 2);
    const all = store.eventsOf(ALICE).concat(store.eventsOf(BOB));
    for (const [index, event] of all.entries()) {
      const ear = await toAll(BigInt(event.position));
      const rest = ['alice0', 'alice1', 'bob0', 'bob1'].slice(index + 1);
      expect(await ear.has(rest.length)).toEqual(rest);
    }
  });

  it('is refused from beyond the end of the store', async () => {
    await write(ALICE);
    const { position } = store.eventsOf(ALICE)[0]!;
    await expect(feeds.ofCategory('account', 'account-', BigInt(position) + 1n)).rejects.toThrow('nothing');
  });
});

describe('a feed of a category from a position that no event has', () => {
  it('is refused', async () => {
    await write(ALICE, 2);
    const [first] = store.eventsOf(ALICE);
    for (const place of [0n, 1n, BigInt(first!.position) + 1n]) {
      await expect(feeds.ofCategory('account', 'account-', place)).rejects.toThrow('no event has');
    }
  });

  it('is not, while the position cannot be checked', async () => {
    await write(ALICE);
    store.setAway(true);
    await expect(feeds.ofCategory('account', 'account-', 1n)).rejects.toMatchObject({
      name: 'StoreUnavailableError',
    });
  });
});

describe('while events are written all the time', () => {
  it('neither loses nor repeats an event, whenever a listener joins', async () => {
    const ears: Ear[] = [];
    await write(ALICE);
    for (let round = 0; round < 40; round += 1) {
      const joining = Promise.all([toStream(ALICE), toAll()]);
      await write(round % 2 === 0 ? ALICE : BOB, 1 + (round % 3));
      ears.push(...(await joining));
    }
    const count = store.eventsOf(ALICE).length;
    for (const [index, ear] of ears.entries()) {
      if (index % 2 === 0) expect(await ear.has(count)).toEqual(each('alice', 0, count - 1));
    }
    const whole = await ears[1]!.has(count + store.eventsOf(BOB).length);
    for (const ear of ears.filter((_, index) => index % 2 === 1))
      expect(await ear.has(whole.length)).toEqual(whole);
  });
});

describe('a thousand listeners', () => {
  it('cost one subscription, which ends with the last of them', async () => {
    await write(ALICE, 5);
    const ears = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? toStream(ALICE) : toAll())),
    );
    await Promise.all(ears.map((ear) => ear.has(5)));
    await write(ALICE, 5);
    for (const ear of ears) expect(await ear.has(10)).toEqual(each('alice', 0, 9));
    expect(store.subscriptions).toEqual({ open: 1, opened: 1 });
    await Promise.all(ears.map((ear) => ear.stop()));
    while (store.subscriptions.open > 0) await new Promise(setImmediate);
  });
});

describe('a listener that is slow', () => {
  it('reads the store again where the hub has moved on, and misses nothing', async () => {
    await write(ALICE);
    const read = jest.spyOn(store, 'readAll');
    let release: () => void = () => undefined;
    const slow = await toAll('start', () => new Promise((resolve) => (release = resolve)));
    await slow.has(1);
    release();
    const quick = await toAll('end');
    for (let count = 0; count < 1_000; count += HELD) {
      await write(ALICE, HELD);
      await quick.has(count + HELD);
    }
    const readsBefore = read.mock.calls.length;
    while (slow.heard.length < 1_001) {
      release();
      await new Promise(setImmediate);
    }
    expect(slow.names).toEqual(each('alice', 0, 1_000));
    expect(read.mock.calls.length).toBeGreaterThan(readsBefore);
    const finished = slow.stop();
    release();
    await finished;
  });
});

describe('when the store goes away', () => {
  it('resumes with a new subscription when the store is back', async () => {
    await write(ALICE, 2);
    const [one, all] = [await toStream(ALICE), await toAll()];
    await Promise.all([one.has(2), all.has(2)]);
    await write(BOB);
    await all.has(3);
    store.setAway(true);
    while (store.subscriptions.open > 0) await new Promise(setImmediate);
    store.setAway(false);
    await write(ALICE, 2);
    expect(await one.has(4)).toEqual(each('alice', 0, 3));
    expect(await all.has(5)).toEqual(['alice0', 'alice1', 'bob0', 'alice2', 'alice3']);
    expect(store.subscriptions.opened).toBeGreaterThan(1);
  });

  it('cannot be opened, and can when it is back', async () => {
    await write(ALICE);
    store.setAway(true);
    await expect(toStream(ALICE)).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(toAll()).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    store.setAway(false);
    expect(await (await toAll()).has(1)).toEqual(['alice0']);
  });
});

describe('when the process ends', () => {
  it('every feed ends, and none is opened', async () => {
    await write(ALICE);
    const ear = await toStream(ALICE);
    await ear.has(1);
    await feeds.close();
    await ear.stop();
    await expect(toStream(ALICE)).rejects.toMatchObject({ name: 'FeedsClosedError' });
    expect(store.subscriptions.open).toBe(0);
  });
});
