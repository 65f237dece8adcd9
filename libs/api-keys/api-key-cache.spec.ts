import { beforeEach, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { UnavailableError } from '#libs/core/problems.js';
import { ApiKeyCache, FRESH_MILLISECONDS } from './api-key-cache.js';
import type { CheckedKey } from './api-key-store.js';

const keyOf = (id: string): CheckedKey => ({
  id,
  tenant: 'default',
  roles: [],
  hash: Buffer.alloc(32),
  previousHash: null,
  previousUntil: null,
  expiresAt: new Date(0),
  revokedAt: null,
});

/** A database that answers when it is told to. */
class Database {
  readonly asked: (readonly string[])[] = [];
  readonly keys = new Map<string, CheckedKey>();
  answer: () => Promise<void> = async () => undefined;

  load = async (ids: readonly string[]): Promise<readonly CheckedKey[]> => {
    this.asked.push(ids);
    await this.answer();
    return ids.flatMap((id) => this.keys.get(id) ?? []);
  };
}

let database: Database;
let now: number;
let cache: ApiKeyCache;

beforeEach(() => {
  database = new Database();
  now = 0;
  cache = new ApiKeyCache({ load: database.load, now: () => now });
});

/** Lets queries wait until the returned function is called. */
function hold(): (failure?: Error) => void {
  let open: (failure?: Error) => void = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = (failure) => (failure ? reject(failure) : resolve());
  });
  database.answer = () => opened;
  return open;
}

async function metric(name: string): Promise<number> {
  const found = await register.getSingleMetric(name)?.get();
  return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

describe('a key', () => {
  it('is looked up once in three seconds', async () => {
    database.keys.set('a', keyOf('a'));
    for (now = 0; now < FRESH_MILLISECONDS; now += 500) expect(await cache.find('a')).toEqual(keyOf('a'));
    expect(database.asked).toEqual([['a']]);
    expect(await cache.find('a')).toEqual(keyOf('a'));
    expect(database.asked).toHaveLength(2);
  });

  it('is looked up as often if it does not exist, and found once it does', async () => {
    for (now = 0; now < FRESH_MILLISECONDS; now += 500) expect(await cache.find('a')).toBeUndefined();
    expect(database.asked).toEqual([['a']]);
    database.keys.set('a', keyOf('a'));
    expect(await cache.find('a')).toEqual(keyOf('a'));
  });

  it('counts as old from when the query was sent, however long it took', async () => {
    database.keys.set('a', keyOf('a'));
    const open = hold();
    const found = cache.find('a');
    now = FRESH_MILLISECONDS - 1;
    open();
    await found;
    await cache.find('a');
    expect(database.asked).toHaveLength(1);
    now += 1;
    await cache.find('a');
    expect(database.asked).toHaveLength(2);
  });

  it('is no longer found once it does not exist', async () => {
    database.keys.set('a', keyOf('a'));
    await cache.find('a');
    database.keys.clear();
    now = FRESH_MILLISECONDS;
    expect(await cache.find('a')).toBeUndefined();
    expect(await cache.find('a')).toBeUndefined();
    expect(database.asked).toHaveLength(2);
  });
});

describe('many requests', () => {
  it('for one key are one query', async () => {
    const open = hold();
    const first = cache.find('a');
    const others = Array.from({ length: 500 }, () => cache.find('b'));
    open();
    await Promise.all([first, ...others]);
    expect(database.asked).toEqual([['a'], ['b']]);
  });

  it('for many keys are few queries, one at a time', async () => {
    let running = 0;
    let most = 0;
    database.answer = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    };
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => cache.find(`k${index}`)));
    expect(most).toBe(1);
    expect(database.asked.length).toBeLessThanOrEqual(12);
    expect(Math.max(...database.asked.map((ids) => ids.length))).toBe(100);
  });

  it('beyond a thousand are refused, and counted', async () => {
    const before = await metric('perdure_api_key_waits_refused_total');
    const open = hold();
    const waiting = Array.from({ length: 1_001 }, (_, index) => cache.find(`k${index}`));
    await expect(cache.find('one more')).rejects.toBeInstanceOf(UnavailableError);
    expect(await metric('perdure_api_key_waits_refused_total')).toBe(before + 1);
    open();
    expect(await Promise.all(waiting)).toHaveLength(1_001);
    expect(await cache.find('one more')).toBeUndefined();
  });
});

describe('while the database does not answer', () => {
  it('fails all that wait for it, and asks it again for the next request', async () => {
    database.keys.set('a', keyOf('a'));
    const open = hold();
    const waiting = ['a', 'b', 'c'].map((id) => cache.find(id));
    open(new Error('away'));
    for (const one of waiting) await expect(one).rejects.toThrow('away');
    expect(database.asked).toEqual([['a']]);
    database.answer = async () => undefined;
    expect(await cache.find('a')).toEqual(keyOf('a'));
  });

  it('finds what it has read within the last three seconds', async () => {
    database.keys.set('a', keyOf('a'));
    await cache.find('a');
    database.answer = () => Promise.reject(new Error('away'));
    now = FRESH_MILLISECONDS - 1;
    expect(await cache.find('a')).toEqual(keyOf('a'));
    now = FRESH_MILLISECONDS;
    await expect(cache.find('a')).rejects.toThrow('away');
  });
});

it('keeps at most 10,000 of a kind, so that guesses push out no key', async () => {
  database.keys.set('a', keyOf('a'));
  await cache.find('a');
  const before = await metric('perdure_api_keys_cache_dropped_total');
  for (let from = 0; from < 10_100; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => cache.find(`guess ${from + index}`)));
  }
  expect(await metric('perdure_api_keys_cache_dropped_total')).toBe(before + 100);
  const { length } = database.asked;
  await cache.find('a');
  await cache.find('guess 10099');
  expect(database.asked).toHaveLength(length);
  await cache.find('guess 0');
  expect(database.asked).toHaveLength(length + 1);
});
