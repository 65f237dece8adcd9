import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { createLogger } from '#libs/runtime/logger.js';
import { eventId } from '#libs/event-store/event-id.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { categoryCheckpointStream, checkpointStream } from './relay-checkpoint.codec.js';
import { RelayCheckpoint } from './relay-checkpoint.js';

process.env['LOG_LEVEL'] = 'silent';

const target = checkpointStream('shop');
let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore();
});

const checkpoint = (intervalMilliseconds = 0) =>
  new RelayCheckpoint({ service: 'shop', store, logger: createLogger('test'), intervalMilliseconds });

/** Where the relay can begin if the topic of the category ends there. */
const find = async (end: bigint | undefined, one = checkpoint()) =>
  (await one.find(new Map([['tally', end]]))).get('tally');

const quiet = (after: bigint | undefined, upTo: bigint) => new Map([['tally', { after, upTo }]]);

/** Appends `count` events to a stream and returns the position of the last. */
async function append(stream: string, count = 1): Promise<bigint> {
  const held = store.eventsOf(stream).length;
  const told = Array.from({ length: held + count }, () => ({ type: 'Added', data: {} }));
  await store.append(stream, held - 1, historyOf(stream, told).slice(held));
  return BigInt((await store.lastPosition()) ?? -1);
}

/** Writes a checkpoint unchanged. */
async function write(tally: JsonObject, id?: string): Promise<void> {
  const data = { categories: { tally } };
  const [event] = historyOf(target, [{ type: 'RelayCheckpoint', data }]);
  const own = eventId(target, event?.metadata.commandId ?? '', 0, 1, 'RelayCheckpoint', data);
  await store.append(target, store.eventsOf(target).length - 1, [{ ...event!, id: id ?? own }]);
}

describe('the checkpoint of a relay', () => {
  test('is there for the next relay, if its topic ends at the same event', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const first = checkpoint();
    expect(await find(last, first)).toBe(last);
    first.note(quiet(last, upTo));
    await first.close();
    expect(await find(last)).toBe(upTo);
    expect(await find(last - 1n)).toBe(last - 1n);
    expect(await find(upTo)).toBe(upTo);
    expect(await find(undefined)).toBe(undefined);
  });

  test('exists for a category without events', async () => {
    const upTo = await append('other-default.one', 5);
    const first = checkpoint();
    first.note(quiet(undefined, upTo));
    await first.close();
    expect(await find(undefined)).toBe(upTo);
    expect(await find(upTo)).toBe(upTo);
  });

  test('is written once in a while, the latest when it is closed', async () => {
    const one = checkpoint(60_000);
    const positions: bigint[] = [];
    for (let n = 0; n < 10; n++) positions.push(await append('other-default.one'));
    for (const position of positions) one.note(quiet(undefined, position));
    await one.close();
    expect(store.eventsOf(target)).toHaveLength(2);
    expect(one.positionOf('tally')).toBe(positions.at(-1));
    await one.close();
    expect(store.eventsOf(target)).toHaveLength(2);
  });

  test('is ignored when it covers later events, was forged, or is malformed', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const data = { after: String(last), upTo: String(upTo) };
    await write(data);
    expect(await find(last)).toBe(upTo);
    await write({ after: String(last), upTo: String(upTo + 1_000n) });
    expect(await find(last)).toBe(last);
    await write(data, 'another');
    expect(await find(last)).toBe(last);
    await write({ after: String(last), upTo: 'soon' });
    expect(await find(last)).toBe(last);
    await write({ after: String(last), upTo: String(last) });
    expect(await find(last)).toBe(last);
    await write({ after: 'soon', upTo: String(upTo) });
    expect(await find(undefined)).toBe(undefined);
  });

  test('holds all categories of a service, and keeps those that nothing new is known of', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const first = checkpoint();
    first.note(quiet(last, upTo));
    await first.close();
    const second = checkpoint();
    const ends = new Map([
      ['tally', last],
      ['other', upTo],
    ]);
    expect(await second.find(ends)).toEqual(
      new Map([
        ['tally', upTo],
        ['other', upTo],
      ]),
    );
    const later = await append('third-default.one', 3);
    second.note(new Map([['other', { after: upTo, upTo: later }]]));
    await second.close();
    expect((await checkpoint().find(ends)).get('other')).toBe(later);
    expect(await find(last)).toBe(upTo);
  });

  test('is that of a category alone if an earlier release wrote it', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const stream = categoryCheckpointStream('tally');
    const data = { after: String(last), upTo: String(upTo) };
    const [event] = historyOf(stream, [{ type: 'RelayCheckpoint', data }]);
    const id = eventId(stream, event?.metadata.commandId ?? '', 0, 1, 'RelayCheckpoint', data);
    await store.append(stream, -1, [{ ...event!, id }]);
    expect(await find(last)).toBe(upTo);
    expect(await find(upTo)).toBe(upTo);
    expect(await find(undefined)).toBeUndefined();
  });

  test('is ignored at a position that the store does not know', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    await write({ after: String(last), upTo: String(upTo - 1n) });
    expect(await find(last)).toBe(last);
  });

  test('causes no delay when the store is unavailable', async () => {
    const last = await append('tally-default.one');
    const one = checkpoint();
    store.setAway(true);
    one.note(quiet(last, last + 1n));
    await one.close();
    expect(one.positionOf('tally')).toBeUndefined();
    await expect(find(last, one)).rejects.toThrow('does not respond');
    store.setAway(false);
    await one.close();
    expect(one.positionOf('tally')).toBe(last + 1n);
  });
});
