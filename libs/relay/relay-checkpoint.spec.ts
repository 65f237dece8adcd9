import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { createLogger } from '#libs/runtime/logger.js';
import { eventId } from '#libs/event-store/event-id.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { checkpointStream, RelayCheckpoint } from './relay-checkpoint.js';

process.env['LOG_LEVEL'] = 'silent';

const target = checkpointStream('tally');
let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore();
});

const checkpoint = (intervalMilliseconds = 0) =>
  new RelayCheckpoint({ category: 'tally', store, logger: createLogger('test'), intervalMilliseconds });

/** Appends `count` events to a stream and returns the position of the last. */
async function append(stream: string, count = 1): Promise<bigint> {
  const held = store.eventsOf(stream).length;
  const told = Array.from({ length: held + count }, () => ({ type: 'Added', data: {} }));
  await store.append(stream, held - 1, historyOf(stream, told).slice(held));
  return BigInt((await store.lastPosition()) ?? -1);
}

/** Writes a checkpoint unchanged. */
async function write(data: JsonObject, id?: string): Promise<void> {
  const [event] = historyOf(target, [{ type: 'RelayCheckpoint', data }]);
  const own = eventId(target, event?.metadata.commandId ?? '', 0, 1, 'RelayCheckpoint', data);
  await store.append(target, store.eventsOf(target).length - 1, [{ ...event!, id: id ?? own }]);
}

describe('the checkpoint of a relay', () => {
  test('is there for the next relay, if its topic ends at the same event', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const first = checkpoint();
    expect(await first.find(last)).toBeUndefined();
    first.note(last, upTo);
    await first.close();
    expect(await checkpoint().find(last)).toBe(upTo);
    expect(await checkpoint().find(last - 1n)).toBeUndefined();
    expect(await checkpoint().find(upTo)).toBeUndefined();
    expect(await checkpoint().find(undefined)).toBeUndefined();
  });

  test('exists for a category without events', async () => {
    const upTo = await append('other-default.one', 5);
    const first = checkpoint();
    first.note(undefined, upTo);
    await first.close();
    expect(await checkpoint().find(undefined)).toBe(upTo);
    expect(await checkpoint().find(upTo)).toBeUndefined();
  });

  test('is written once in a while, the latest when it is closed', async () => {
    const one = checkpoint(60_000);
    const positions: bigint[] = [];
    for (let n = 0; n < 10; n++) positions.push(await append('other-default.one'));
    for (const position of positions) one.note(undefined, position);
    await one.close();
    expect(store.eventsOf(target)).toHaveLength(2);
    expect(one.position).toBe(positions.at(-1));
    await one.close();
    expect(store.eventsOf(target)).toHaveLength(2);
  });

  test('is ignored when it covers later events, was forged, or is malformed', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    const data = { after: String(last), upTo: String(upTo) };
    await write(data);
    expect(await checkpoint().find(last)).toBe(upTo);
    await write({ after: String(last), upTo: String(upTo + 1_000n) });
    expect(await checkpoint().find(last)).toBeUndefined();
    await write(data, 'another');
    expect(await checkpoint().find(last)).toBeUndefined();
    await write({ after: String(last), upTo: 'soon' });
    expect(await checkpoint().find(last)).toBeUndefined();
    await write({ after: String(last), upTo: String(last) });
    expect(await checkpoint().find(last)).toBeUndefined();
    await write({ after: 'soon', upTo: String(upTo) });
    expect(await checkpoint().find(undefined)).toBeUndefined();
  });

  test('is ignored at a position that the store does not know', async () => {
    const last = await append('tally-default.one');
    const upTo = await append('other-default.one', 5);
    await write({ after: String(last), upTo: String(upTo - 1n) });
    expect(await checkpoint().find(last)).toBeUndefined();
  });

  test('causes no delay when the store is unavailable', async () => {
    const last = await append('tally-default.one');
    const one = checkpoint();
    store.setAway(true);
    one.note(last, last + 1n);
    await one.close();
    expect(one.position).toBeUndefined();
    await expect(one.find(last)).rejects.toThrow('does not respond');
    store.setAway(false);
    await one.close();
    expect(one.position).toBe(last + 1n);
  });
});
