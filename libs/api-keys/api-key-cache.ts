import { Counter, Gauge } from 'prom-client';
import { UnavailableError } from '#libs/core/problems.js';
import { BoundedMap } from '#libs/runtime/bounded-map.js';
import type { CheckedKey } from './api-key-store.js';

/** Revocation takes effect within this time, in every process. */
export const FRESH_MILLISECONDS = 3_000;
const MOST_KEPT = 10_000;
const MOST_WAITING = 1_000;
const IDS_PER_QUERY = 100;

const queries = new Counter({
  name: 'perdure_api_key_queries_total',
  help: 'Queries for API keys that were not in the cache, by result: ok or failed',
  labelNames: ['result'],
});
const cached = new Gauge({
  name: 'perdure_api_keys_cached',
  help: 'API keys that are cached, and ids of keys that do not exist',
  labelNames: ['found'],
});
const dropped = new Counter({
  name: 'perdure_api_keys_cache_dropped_total',
  help: 'API keys, and ids of keys that do not exist, for which the cache had no room',
  labelNames: ['found'],
});
const refused = new Counter({
  name: 'perdure_api_key_waits_refused_total',
  help: 'Requests refused because too many waited for their API keys to be looked up',
});

interface Waiting {
  readonly promise: Promise<CheckedKey | undefined>;
  resolve(key: CheckedKey | undefined): void;
  reject(error: unknown): void;
}

export interface ApiKeyCacheOptions {
  /** Reads the keys that exist. */
  readonly load: (ids: readonly string[]) => Promise<readonly CheckedKey[]>;
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number;
}

/**
 * Finds keys for requests. Keys, and ids that do not exist, are cached for 3 s. There is one query
 * at a time, whatever the number of requests, so that guesses do not load the database.
 */
export class ApiKeyCache {
  private readonly found = new Entries<CheckedKey>('yes');
  private readonly missing = new Entries<undefined>('no');
  private readonly waiting = new Map<string, Waiting>();
  private readonly load: ApiKeyCacheOptions['load'];
  private readonly now: () => number;
  private isLoading = false;

  constructor({ load, now = () => performance.now() }: ApiKeyCacheOptions) {
    this.load = load;
    this.now = now;
  }

  /**
   * The key, or undefined if there is none. Rejects if it cannot be looked up; those who wait for
   * the same server are rejected at the same time.
   */
  async find(id: string): Promise<CheckedKey | undefined> {
    const entry = this.found.get(id, this.now()) ?? this.missing.get(id, this.now());
    if (entry) return entry.key;
    const waiting = this.waiting.get(id) ?? this.wait(id);
    void this.loadAll();
    return waiting.promise;
  }

  private wait(id: string): Waiting {
    if (this.waiting.size >= MOST_WAITING) {
      refused.inc();
      throw new UnavailableError('postgres', { message: 'too many API keys wait to be looked up' });
    }
    let resolve: Waiting['resolve'] = () => undefined;
    let reject: Waiting['reject'] = () => undefined;
    const promise = new Promise<CheckedKey | undefined>((onFound, onFailure) => {
      resolve = onFound;
      reject = onFailure;
    });
    const waiting = { promise, resolve, reject };
    this.waiting.set(id, waiting);
    return waiting;
  }

  private async loadAll(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    while (this.waiting.size > 0) await this.loadSome();
    this.isLoading = false;
  }

  private async loadSome(): Promise<void> {
    const some = [...this.waiting].slice(0, IDS_PER_QUERY);
    for (const [id] of some) this.waiting.delete(id);
    // What is revoked from now on may be missing in the answer.
    const until = this.now() + FRESH_MILLISECONDS;
    try {
      const keys = new Map((await this.load(some.map(([id]) => id))).map((key) => [key.id, key]));
      queries.inc({ result: 'ok' });
      for (const [id, { resolve }] of some) {
        const key = keys.get(id);
        if (key) this.found.set(id, { key, until });
        else this.missing.set(id, { key, until });
        resolve(key);
      }
    } catch (error) {
      queries.inc({ result: 'failed' });
      const others = [...this.waiting.values()];
      this.waiting.clear();
      for (const { reject } of [...some.map(([, one]) => one), ...others]) reject(error);
    }
  }
}

interface Entry<Key> {
  readonly key: Key;
  /** When it has to be read again. */
  readonly until: number;
}

/** The entries of one kind. Guesses fill up their own and take no room from keys that exist. */
class Entries<Key> {
  private readonly entries: BoundedMap<string, Entry<Key>>;

  constructor(private readonly label: 'yes' | 'no') {
    this.entries = new BoundedMap(MOST_KEPT, () => dropped.inc({ found: label }));
  }

  get(id: string, now: number): Entry<Key> | undefined {
    const entry = this.entries.get(id);
    return entry && now < entry.until ? entry : undefined;
  }

  set(id: string, entry: Entry<Key>): void {
    this.entries.set(id, entry);
    cached.set({ found: this.label }, this.entries.size);
  }
}
