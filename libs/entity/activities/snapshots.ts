import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { SnapshotRequest, SnapshotResult } from '#libs/entity/protocol/activity-messages.js';
import type { Fold, Snapshot } from '#libs/entity/protocol/entity-messages.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventStore, EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { AppendRefusedError, WrongExpectedRevisionError } from '#libs/event-store/event-store.errors.js';
import { lastEvent } from '#libs/event-store/stream-end.js';
import { emptyFold, foldOnwards, isUsable } from './fold-stream.js';
import { pack, type Packed, unpack } from './packed-snapshot.js';

const TYPE = 'Snapshot';

type Reader = Pick<EventStore, 'read'>;

/**
 * The stream for the snapshots of an entity, `account_snapshot-default.alice`. No relay publishes
 * it.
 */
export function snapshotStream(stream: string): string {
  const { category, id, tenant } = parseStreamName(stream) ?? { category: '', id: stream, tenant: '' };
  return streamName(`${category}_snapshot`, id, tenant);
}

/** A snapshot in its stream, and its size there. */
export interface SavedSnapshot {
  readonly snapshot: Snapshot;
  readonly bytes: number;
}

/**
 * Writes a snapshot; the stream holds only the latest one. It is not saved if it is too large, if
 * the store refuses it, or if another attempt wrote one at the same time. An entity can do without.
 */
export async function saveSnapshot(
  store: EventStore,
  { stream, snapshot }: SnapshotRequest,
): Promise<SnapshotResult> {
  const target = snapshotStream(stream);
  const packed = await pack(snapshot);
  if (!packed) return { isSaved: false };
  const event = toEvent(target, snapshot.fold, packed);
  const bytes = jsonBytes(packed.data);
  try {
    const last = await lastEvent(store, target);
    if (last?.id === event.id) return { isSaved: true, bytes };
    // A frozen attempt may be late.
    const saved = last && (await contentOf(target, last));
    if (saved && saved.fold.revision > snapshot.fold.revision) return { isSaved: true };
    if (!last) await store.keepLast(target, 1);
    await store.append(target, last?.revision ?? -1, [event]);
    return { isSaved: true, bytes };
  } catch (error) {
    const isRefused = error instanceof AppendRefusedError || error instanceof WrongExpectedRevisionError;
    if (isRefused) return { isSaved: false };
    throw error;
  }
}

/**
 * The latest snapshot, if it is unchanged and matches the stream: its hash is that of the event at
 * its revision. The caller has to check whether its state has the current version.
 */
export async function readSnapshot(store: Reader, stream: string): Promise<Snapshot | undefined> {
  return (await readSaved(store, stream))?.snapshot;
}

/** The same, with its size. */
export async function readSaved(store: Reader, stream: string): Promise<SavedSnapshot | undefined> {
  const target = snapshotStream(stream);
  const last = await lastEvent(store, target);
  const snapshot = last && (await contentOf(target, last));
  if (!snapshot) return undefined;
  const saved = { snapshot, bytes: jsonBytes(last.data) };
  const { revision, hash } = snapshot.fold;
  if (revision < 0) return saved;
  for await (const event of store.read(stream, { from: revision, limit: 1 })) {
    const isOfStream = event.revision === revision && hash !== undefined && event.metadata.hash === hash;
    return isOfStream ? saved : undefined;
  }
  return undefined;
}

/** The fold of a stream, starting from its latest snapshot. */
export async function foldFromSnapshot(decider: AnyDecider, store: Reader, stream: string): Promise<Fold> {
  const snapshot = await readSnapshot(store, stream);
  return foldOnwards(decider, store, stream, startOf(decider, snapshot));
}

/** The fold to start from: that of the snapshot, if its state has the current version. */
export function startOf(decider: AnyDecider, snapshot: Snapshot | undefined): Fold {
  return snapshot && isUsable(decider, snapshot.fold) ? snapshot.fold : emptyFold(decider);
}

/** The snapshot in an event; undefined if the event was changed, which shows in its id. */
async function contentOf(
  target: string,
  { id, type, data, metadata: { commandId, schemaVersion } }: RecordedEvent,
): Promise<Snapshot | undefined> {
  return type === TYPE && id === idOf(target, commandId, data) ? unpack({ schemaVersion, data }) : undefined;
}

function idOf(target: string, commandId: string, data: JsonObject): string {
  return eventId(target, commandId, 0, 1, TYPE, data);
}

function toEvent(target: string, { revision, at = toTimestamp(0) }: Fold, packed: Packed): EventToAppend {
  const { schemaVersion, data } = packed;
  const commandId = `${target}@${revision}`;
  return {
    id: idOf(target, commandId, data),
    type: TYPE,
    data,
    metadata: {
      commandId,
      actor: 'system:snapshot',
      at,
      index: 0,
      count: 1,
      schemaVersion,
      $correlationId: commandId,
      $causationId: commandId,
    },
  };
}
