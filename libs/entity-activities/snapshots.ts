import type { AnyDecider } from '#libs/decider/decider.js';
import { parseStreamName, streamName } from '#libs/decider/entity-id.js';
import type { JsonObject } from '#libs/decider/json.js';
import { toTimestamp } from '#libs/decider/timestamp.js';
import type {
  Fold,
  Snapshot,
  SnapshotRequest,
  SnapshotResult,
} from '#libs/entity-workflow/entity-messages.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventStore, EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { AppendRefusedError, WrongExpectedRevisionError } from '#libs/event-store/event-store.errors.js';
import { emptyFold, foldOnwards, isUsable } from './fold-stream.js';

const TYPE = 'Snapshot';
/** Of the shape: one of another is passed over. */
const SCHEMA_VERSION = 1;

/** Where the snapshots of an entity go: beside its stream, `account_snapshot-default.alice`, and on no topic. */
export function snapshotStream(stream: string): string {
  const { category, id, tenant } = parseStreamName(stream) ?? { category: '', id: stream, tenant: '' };
  return streamName(`${category}_snapshot`, id, tenant);
}

/**
 * Writes what an entity leaves behind; the stream holds the latest one. Not saved when the store refuses it, or when
 * somebody else was at it: an entity lives without.
 */
export async function saveSnapshot(
  store: EventStore,
  { stream, snapshot }: SnapshotRequest,
): Promise<SnapshotResult> {
  const target = snapshotStream(stream);
  const event = toEvent(target, snapshot);
  try {
    const last = await lastOf(store, target);
    // An attempt that was frozen comes late.
    const isOld =
      last !== undefined && (contentOf(target, last)?.fold.revision ?? -1) > snapshot.fold.revision;
    if (isOld || last?.id === event.id) return { isSaved: true };
    if (!last) await store.keepLast(target, 1);
    await store.append(target, last?.revision ?? -1, [event]);
    return { isSaved: true };
  } catch (error) {
    const isRefused = error instanceof AppendRefusedError || error instanceof WrongExpectedRevisionError;
    if (isRefused) return { isSaved: false };
    throw error;
  }
}

/**
 * The latest snapshot, if it is as it was written and made of what the stream holds: its hash is that of the event at its
 * revision. Whether its state is one that today's rules go on from is for the caller to ask.
 */
export async function readSnapshot(store: EventStore, stream: string): Promise<Snapshot | undefined> {
  const target = snapshotStream(stream);
  const last = await lastOf(store, target);
  const snapshot = last && contentOf(target, last);
  if (!snapshot) return undefined;
  const { revision, hash } = snapshot.fold;
  if (revision < 0) return snapshot;
  for await (const event of store.read(stream, { from: revision, limit: 1 })) {
    const isOfStream = event.revision === revision && hash !== undefined && event.metadata.hash === hash;
    return isOfStream ? snapshot : undefined;
  }
  return undefined;
}

/** The fold of a stream, from its latest snapshot on. */
export async function foldFromSnapshot(
  decider: AnyDecider,
  store: EventStore,
  stream: string,
): Promise<Fold> {
  const snapshot = await readSnapshot(store, stream);
  return foldOnwards(decider, store, stream, startOf(decider, snapshot));
}

/** The fold to go on from: that of the snapshot, where today's rules take its state. */
export function startOf(decider: AnyDecider, snapshot: Snapshot | undefined): Fold {
  return snapshot && isUsable(decider, snapshot.fold) ? snapshot.fold : emptyFold(decider);
}

async function lastOf(store: EventStore, stream: string): Promise<RecordedEvent | undefined> {
  for await (const event of store.read(stream, { direction: 'backwards', limit: 1 })) return event;
  return undefined;
}

/** What the event holds; undefined when that is not what it was written with, for its id stands for one content. */
function contentOf(target: string, { id, type, data, metadata }: RecordedEvent): Snapshot | undefined {
  const isReadable = type === TYPE && metadata.schemaVersion === SCHEMA_VERSION;
  if (!isReadable || id !== idOf(target, metadata.commandId, data)) return undefined;
  const { fold, ring } = data as unknown as Partial<Snapshot>;
  const isWhole = typeof fold?.revision === 'number' && Array.isArray(ring?.entries);
  return isWhole ? (data as unknown as Snapshot) : undefined;
}

function idOf(target: string, commandId: string, data: JsonObject): string {
  return eventId(target, commandId, 0, 1, TYPE, data);
}

function toEvent(target: string, snapshot: Snapshot): EventToAppend {
  const { revision, at = toTimestamp(0) } = snapshot.fold;
  const commandId = `${target}@${revision}`;
  const data = snapshot as unknown as JsonObject;
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
      schemaVersion: SCHEMA_VERSION,
      $correlationId: commandId,
      $causationId: commandId,
    },
  };
}
