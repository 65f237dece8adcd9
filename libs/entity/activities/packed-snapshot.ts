import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Ring, Snapshot } from '#libs/entity/protocol/entity-messages.js';
import { latestOf } from '#libs/entity/protocol/outcome-ring.js';

/** The two shapes of a snapshot event: plain and compressed. Any other is ignored. */
const PLAIN = 1;
const COMPRESSED = 2;
/** Up to this size, a snapshot is stored as plain JSON. */
const MAX_PLAIN_BYTES = 8_192;
/** Below the 1 MiB that the store takes in one append. */
const MAX_EVENT_BYTES = 1_000_000;
/** More than any snapshot has. Data that unpacks to more was not written by `pack`. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** The content of a snapshot event. */
export interface Packed {
  readonly schemaVersion: number;
  readonly data: JsonObject;
}

/**
 * Packs a snapshot into one event. If even the compressed form is too large, the older half of the
 * ring is left out, repeatedly if needed. Undefined if the state alone is too large.
 */
export async function pack(snapshot: Snapshot): Promise<Packed | undefined> {
  const json = JSON.stringify(snapshot);
  if (Buffer.byteLength(json) <= MAX_PLAIN_BYTES) {
    return { schemaVersion: PLAIN, data: snapshot as unknown as JsonObject };
  }
  const zipped = await promisify(gzip)(json);
  const data = { revision: snapshot.fold.revision, gzip: zipped.toString('base64') };
  if (jsonBytes(data) <= MAX_EVENT_BYTES) return { schemaVersion: COMPRESSED, data };
  const { ring } = snapshot;
  return ring.entries.length > 0 ? pack({ ...snapshot, ring: newerHalf(ring) }) : undefined;
}

/** The snapshot in an event; undefined if the event has another shape. */
export async function unpack({ schemaVersion, data }: Packed): Promise<Snapshot | undefined> {
  if (schemaVersion === PLAIN) return asSnapshot(data);
  const { gzip: zipped } = data;
  if (schemaVersion !== COMPRESSED || typeof zipped !== 'string') return undefined;
  const options = { maxOutputLength: MAX_UNPACKED_BYTES };
  try {
    const json = await promisify(gunzip)(Buffer.from(zipped, 'base64'), options);
    return asSnapshot(JSON.parse(json.toString()) as JsonObject);
  } catch {
    return undefined;
  }
}

function asSnapshot(data: JsonObject): Snapshot | undefined {
  const { fold, ring } = data as unknown as Partial<Snapshot>;
  const isWhole = typeof fold?.revision === 'number' && Array.isArray(ring?.entries);
  return isWhole ? (data as unknown as Snapshot) : undefined;
}

function newerHalf({ entries, evictedUpTo }: Ring): Ring {
  const dropped = Math.ceil(entries.length / 2);
  const upTo = latestOf(entries.slice(0, dropped), evictedUpTo);
  return { entries: entries.slice(dropped), ...(upTo !== undefined && { evictedUpTo: upTo }) };
}
