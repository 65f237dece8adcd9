import { textArray } from './binary-array.js';
import { STREAM_STATES } from './schema.js';
import { NO_REVISION } from './stored-event.js';
import { stateKeyOf, streamState, type StreamState, viewOf, type StreamView } from './stream-state.js';

const MAX_KNOWN = 100_000;

interface Row {
  readonly name: string;
  readonly revision: string | null;
  readonly metadata_revision: string | null;
  readonly metadata: Buffer | null;
}

/** A client or a pool. */
export interface Queryable {
  query(
    query: { name: string; text: string },
    values: unknown[],
  ): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Reads the states of streams by their keys. */
export async function readStates(
  database: Queryable,
  keys: readonly string[],
): Promise<Map<string, StreamState>> {
  const { rows } = await database.query(STREAM_STATES, [textArray(keys)]);
  const orNone = (value: string | null): bigint => (value === null ? NO_REVISION : BigInt(value));
  return new Map(
    (rows as Row[]).map(({ name, revision, metadata_revision, metadata }) => [
      name,
      streamState(orNone(revision), orNone(metadata_revision), metadata ?? undefined),
    ]),
  );
}

/**
 * The committed states of recently written streams. Maintained by the single writer, and open to
 * readers.
 */
export class StreamStates {
  private readonly known = new Map<string, StreamState>();

  /** Undefined if the state is not cached, which says nothing about the stream. */
  view(stream: string): StreamView | undefined {
    const state = this.known.get(stateKeyOf(stream));
    return state && viewOf(stream, state);
  }

  get(key: string): StreamState {
    const state = this.known.get(key);
    if (!state) throw new Error(`the state of ${key} was not loaded`);
    return state;
  }

  /** Makes these keys available to `get`, until the next call. */
  async load(database: Queryable, keys: readonly string[]): Promise<void> {
    if (this.known.size > MAX_KNOWN) this.known.clear();
    const missing = new Set(keys.filter((key) => !this.known.has(key)));
    if (missing.size === 0) return;
    this.put(await readStates(database, [...missing]));
  }

  put(states: ReadonlyMap<string, StreamState>): void {
    for (const [key, state] of states) this.known.set(key, state);
  }

  clear(): void {
    this.known.clear();
  }
}
