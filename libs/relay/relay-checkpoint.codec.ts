import { streamName } from '#libs/core/entity-id.js';
import { isJsonObject, type JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';

const TYPE = 'RelayCheckpoint';
const SCHEMA_VERSION = 1;
/** In place of a position, for a category without events. */
const NONE = 'none';

/** States that the store holds no event of a category between two positions. */
export interface Quiet {
  /** Position of the category's last event. */
  readonly after: bigint | undefined;
  readonly upTo: bigint;
}

/** Stream that holds the checkpoint of a service's relay: `account_relays-default.checkpoint`. */
export function checkpointStream(service: string): string {
  return streamName(`${service}_relays`, 'checkpoint');
}

/**
 * Stream in which earlier releases kept a checkpoint for each category:
 * `account_relay-default.checkpoint`.
 */
export function categoryCheckpointStream(category: string): string {
  return streamName(`${category}_relay`, 'checkpoint');
}

/** The event that states all of this. */
export function checkpointEvent(stream: string, quiet: ReadonlyMap<string, Quiet>): EventToAppend {
  const categories = [...quiet].map(([category, { after, upTo }]) => {
    return [category, { after: String(after ?? NONE), upTo: String(upTo) }] as const;
  });
  const data: JsonObject = { categories: Object.fromEntries(categories) };
  const last = [...quiet.values()].reduce((max, { upTo }) => (upTo > max ? upTo : max), 0n);
  const commandId = `${stream}@${last}`;
  return {
    id: eventId(stream, commandId, 0, 1, TYPE, data),
    type: TYPE,
    data,
    metadata: {
      commandId,
      actor: 'system:relay',
      at: toTimestamp(Date.now()),
      index: 0,
      count: 1,
      schemaVersion: SCHEMA_VERSION,
      $correlationId: commandId,
      $causationId: commandId,
    },
  };
}

/** The content of a checkpoint, as far as a relay wrote it and it covers only earlier events. */
export function quietByCategory(stream: string, event: RecordedEvent): ReadonlyMap<string, Quiet> {
  const found = new Map<string, Quiet>();
  const { categories } = event.data;
  if (!isWritten(stream, event) || !isJsonObject(categories)) return found;
  for (const [category, value] of Object.entries(categories)) {
    const quiet = isJsonObject(value) && toQuiet(value, event);
    if (quiet) found.set(category, quiet);
  }
  return found;
}

/** The same for the checkpoint of a category alone. */
export function quietOfCategory(stream: string, event: RecordedEvent): Quiet | undefined {
  return isWritten(stream, event) ? toQuiet(event.data, event) : undefined;
}

function isWritten(stream: string, { id, type, data, metadata }: RecordedEvent): boolean {
  const { commandId, schemaVersion } = metadata;
  if (type !== TYPE || schemaVersion !== SCHEMA_VERSION) return false;
  return id === eventId(stream, commandId, 0, 1, TYPE, data);
}

function toQuiet(data: JsonObject, { position }: RecordedEvent): Quiet | undefined {
  const after = positionOf(data['after']);
  const upTo = positionOf(data['upTo']);
  const isWhole = data['after'] === NONE || after !== undefined;
  if (!isWhole || upTo === undefined || upTo >= BigInt(position)) return undefined;
  return after === undefined || after < upTo ? { after, upTo } : undefined;
}

function positionOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}
