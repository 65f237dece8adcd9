import { actingIn } from '#libs/core/acting.js';
import { DEFAULT_TENANT, parseStreamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { KafkaRecord, OutgoingMessage } from './kafka.js';
import { UnreadableRecordError } from './kafka.errors.js';
import type { PublishedEvent } from '#libs/core/published-event.js';

/** Header with the position in the store that the topic has reached. The relay resumes from it. */
export const POSITION_HEADER = 'ce_position';

/** No stream has a longer name, and an index of PostgreSQL accepts at most 2,700 bytes. */
const LONGEST_KEY_BYTES = 1_000;
/**
 * Commands may have 32 levels, and events derived from them a few more. Thousands would overflow
 * the stack of the serialiser.
 */
const DEEPEST_DATA = 100;
const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];

/** A stored event as consumers see it. */
export function toPublishedEvent(event: RecordedEvent): PublishedEvent {
  const { metadata } = event;
  return {
    type: event.type,
    data: event.data,
    id: event.id,
    stream: event.stream,
    ...nameParts(event.stream),
    revision: event.revision,
    position: event.position,
    at: metadata.at,
    schemaVersion: metadata.schemaVersion,
    ...actingIn(metadata),
    commandId: metadata.commandId,
    ...(metadata.hash !== undefined && { hash: metadata.hash }),
    ...(metadata.keyId !== undefined && { keyId: metadata.keyId }),
    index: metadata.index,
    count: metadata.count,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    ...(metadata.traceparent !== undefined && { traceparent: metadata.traceparent }),
    recordedAt: event.recordedAt,
  };
}

/** A stored event as a CloudEvent in binary mode: attributes are headers, the data is the value. */
export function toCloudEvent(event: RecordedEvent): OutgoingMessage {
  const { metadata } = event;
  const { category, tenant, entityId } = nameParts(event.stream);
  return {
    key: event.stream,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: event.type,
      ce_source: `/${category}/${tenant}`,
      ce_subject: entityId,
      ce_time: metadata.at,
      ce_recordedtime: event.recordedAt,
      ce_sequence: String(event.revision),
      ce_correlationid: metadata.$correlationId,
      ce_causationid: metadata.$causationId,
      ce_commandid: metadata.commandId,
      ce_commandpart: `${metadata.index}/${metadata.count}`,
      ce_actor: metadata.actor,
      ce_dataversion: String(metadata.schemaVersion),
      [POSITION_HEADER]: event.position,
      ...(metadata.onBehalfOf !== undefined && { ce_onbehalfof: metadata.onBehalfOf }),
      ...(metadata.hash !== undefined && { ce_hash: metadata.hash }),
      ...(metadata.keyId !== undefined && { ce_keyid: metadata.keyId }),
      ...(metadata.traceparent !== undefined && { traceparent: metadata.traceparent }),
    },
  };
}

/**
 * The event in a record. Throws {@link UnreadableRecordError} for a record that the relay did not
 * write.
 */
export function fromCloudEvent(record: KafkaRecord): PublishedEvent {
  const { key, value, headers, unreadable } = record;
  if (unreadable !== undefined) throw new UnreadableRecordError(unreadable);
  if (key === undefined || value === undefined)
    throw new UnreadableRecordError('its key or value is missing');
  if (key.includes('\0') || Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw new UnreadableRecordError('its key is not the name of a stream');
  }
  if (record.timestamp < 0) throw new UnreadableRecordError('its timestamp is before 1970');
  if (headers['ce_specversion'] !== '1.0') throw new UnreadableRecordError('it is not a CloudEvent 1.0');
  const text = (name: string): string => {
    const found = headers[name];
    if (found === undefined) throw new UnreadableRecordError(`${name} is missing`);
    return found;
  };
  const [index, count] = text('ce_commandpart').split('/');
  const onBehalfOf = headers['ce_onbehalfof'];
  const hash = headers['ce_hash'];
  const keyId = headers['ce_keyid'];
  const traceparent = headers['traceparent'];
  const recordedAt = headers['ce_recordedtime'];
  return {
    type: text('ce_type'),
    data: parseData(value),
    id: text('ce_id'),
    stream: key,
    ...nameParts(key),
    revision: wholeNumber(text('ce_sequence'), 'ce_sequence'),
    position: decimal(text(POSITION_HEADER), POSITION_HEADER),
    at: time(text('ce_time'), 'ce_time'),
    schemaVersion: wholeNumber(text('ce_dataversion'), 'ce_dataversion'),
    actor: text('ce_actor'),
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    commandId: text('ce_commandid'),
    ...(hash !== undefined && { hash }),
    ...(keyId !== undefined && { keyId }),
    index: wholeNumber(index ?? '', 'ce_commandpart'),
    count: wholeNumber(count ?? '', 'ce_commandpart'),
    correlationId: text('ce_correlationid'),
    causationId: text('ce_causationid'),
    ...(traceparent !== undefined && { traceparent }),
    ...(recordedAt !== undefined && { recordedAt: time(recordedAt, 'ce_recordedtime') }),
    published: {
      partition: record.partition,
      offset: String(record.offset),
      at: toTimestamp(record.timestamp),
    },
  };
}

/** The position in a record, or undefined if the relay did not write it. */
export function positionOf({ headers }: KafkaRecord): bigint | undefined {
  const position = headers[POSITION_HEADER];
  return position !== undefined && /^\d{1,20}$/.test(position) ? BigInt(position) : undefined;
}

/**
 * Splits the name of a stream. A stream not named by us gets its whole name as id, so that it
 * blocks nothing.
 */
export function nameParts(stream: string): { category: string; tenant: string; entityId: string } {
  const parts = parseStreamName(stream);
  if (parts) return { category: parts.category, tenant: parts.tenant, entityId: parts.id };
  const [category = stream] = stream.split('-', 1);
  return { category, tenant: DEFAULT_TENANT, entityId: stream };
}

function parseData(value: string): JsonObject {
  if (isDeeperThan(DEEPEST_DATA, value)) throw new UnreadableRecordError('its value is nested too deeply');
  let data: unknown;
  try {
    data = JSON.parse(value);
  } catch {
    throw new UnreadableRecordError('its value is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new UnreadableRecordError('its value is not a JSON object');
  }
  return data as JsonObject;
}

/** Visits each character once, since the text may be anything. */
function isDeeperThan(limit: number, json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === BACKSLASH) index += 1;
    else if (code === QUOTE) isInString = !isInString;
    else if (!isInString && (code === BRACKET || code === BRACE)) depth += 1;
    else if (!isInString && (code === BRACKET + 2 || code === BRACE + 2)) depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new UnreadableRecordError(`${name} is not an integer`);
  }
  return number;
}

function decimal(text: string, name: string): string {
  if (!/^\d{1,20}$/.test(text)) throw new UnreadableRecordError(`${name} is not a decimal`);
  return text;
}

function time(text: string, name: string): string {
  if (Number.isNaN(Date.parse(text))) throw new UnreadableRecordError(`${name} is not a timestamp`);
  return text;
}
