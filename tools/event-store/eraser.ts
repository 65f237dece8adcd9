import pg from 'pg';
import type { Logger } from '#libs/runtime/logger.js';
import { int8Array, textArray } from './binary-array.js';
import { doomedOf } from './erasure.js';
import { ERASABLE_STREAMS, ERASE } from './schema.js';
import { sessionConfig } from './session.js';
import { readStates } from './stream-states.js';

const STREAMS_AT_ONCE = 500;
const BYTES_PER_MEGABYTE = 1024 * 1024;

/** In milliseconds, and megabytes. */
export interface EraserSettings {
  /** Delay after a write of metadata or a tombstone, since more may follow. */
  readonly pause: number;
  /** Longest time between runs, since events also expire by age. */
  readonly interval: number;
  /**
   * Up to this size the table is rewritten, which locks it, so that no byte of the erased events
   * stays in its files.
   */
  readonly rewriteBelow: number;
}

export const DEFAULT_ERASER_SETTINGS: EraserSettings = {
  pause: 5_000,
  interval: 10 * 60_000,
  rewriteBelow: 64,
};

/** Erases in the background what is no longer visible: deleted, tombstoned and truncated events. */
export class Eraser {
  private timer: NodeJS.Timeout | undefined;
  private due = 0;
  private running: Promise<unknown> = Promise.resolve();
  private client: pg.Client | undefined;
  private isClosed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly logger: Logger,
    private readonly settings: EraserSettings,
  ) {}

  /** Runs after the pause. */
  soon(): void {
    this.schedule(this.settings.pause);
  }

  /** Interrupts the current run. What it did not erase is erased at the next start. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.client?.end();
    await this.running;
  }

  /** Schedules a run no later than this. An earlier run that is already scheduled stays. */
  private schedule(milliseconds: number): void {
    const due = Date.now() + milliseconds;
    if (this.isClosed || (this.timer && this.due <= due)) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running = this.running
        .then(() => this.run())
        .catch((error: unknown) => {
          if (!this.isClosed) this.logger.warn({ err: error }, 'erasing was interrupted');
        })
        .then(() => this.schedule(this.settings.interval));
    }, milliseconds).unref();
  }

  /** Uses its own connection, which `close` can end in the middle of a long statement. */
  private async run(): Promise<void> {
    const client = new pg.Client(sessionConfig(this.databaseUrl));
    client.on('error', () => undefined); // the current statement fails
    await client.connect();
    this.client = client;
    try {
      const events = await eraseAll(client);
      if (events === 0) return;
      const isRewritten = (await tableMegabytes(client)) <= this.settings.rewriteBelow;
      await client.query(`vacuum ${isRewritten ? '(full) ' : ''}event_store.events`);
      const result = isRewritten ? 'rewritten' : 'vacuumed';
      this.logger.info({ count: events, result }, 'erased events that are no longer visible');
    } finally {
      this.client = undefined;
      await client.end();
    }
  }
}

async function eraseAll(client: pg.Client): Promise<number> {
  let count = 0;
  let streams: string[] = [];
  do {
    const after = streams.at(-1) ?? '';
    const { rows } = await client.query<{ stream: string }>(ERASABLE_STREAMS, [after, STREAMS_AT_ONCE]);
    streams = rows.map(({ stream }) => stream);
    if (streams.length > 0) count += await erase(client, streams);
  } while (streams.length === STREAMS_AT_ONCE);
  return count;
}

async function erase(client: pg.Client, streams: readonly string[]): Promise<number> {
  const now = Date.now();
  const states = await readStates(client, streams);
  const doomed = [...states].flatMap(([key, state]) => doomedOf(key, state, now));
  const { rows } = await client.query<{ count: number }>(ERASE, [
    textArray(doomed.map(({ stream }) => stream)),
    int8Array(doomed.map(({ before }) => before)),
    int8Array(doomed.map(({ createdBefore }) => createdBefore)),
  ]);
  return rows[0]?.count ?? 0;
}

async function tableMegabytes(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `select pg_total_relation_size('event_store.events') as bytes`,
  );
  return Number(rows[0]?.bytes ?? 0) / BYTES_PER_MEGABYTE;
}
