import type { StoredEvent } from './stored-event.js';

/** What a query for events has to select, in this order. */
export const EVENT_COLUMNS = 'position, stream, revision, id, type, is_json, data, metadata, created';

/** An event as a row of these columns. */
export type EventRow = readonly [bigint, string, bigint, string, string, boolean, Buffer, Buffer, bigint];

const HEX_PREFIX = String.raw`\x`;

/** How the types of these columns are read; keyed by PostgreSQL's number of the type. */
const PARSERS: Readonly<Record<number, (value: string) => unknown>> = {
  16: (value) => value === 't',
  17: (value) => Buffer.from(value.slice(HEX_PREFIX.length), 'hex'),
  20: BigInt,
};

/** How a query asks for such rows. */
export const EVENT_ROWS = {
  rowMode: 'array',
  types: { getTypeParser: (type: number) => PARSERS[type] ?? ((value: string) => value) },
} as const;

export function toStoredEvent(row: EventRow): StoredEvent {
  const [position, stream, revision, id, type, isJson, data, metadata, created] = row;
  return { position, stream, revision, id, type, isJson, data, metadata, created };
}
