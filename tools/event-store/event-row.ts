import type { StoredEvent } from './stored-event.js';

/** The columns that a query for events must select, in this order. */
export const EVENT_COLUMNS = 'position, stream, revision, id, type, is_json, data, metadata, created';

/** An event as a row of these columns. */
export type EventRow = readonly [bigint, string, bigint, string, string, boolean, Buffer, Buffer, bigint];

const HEX_PREFIX = String.raw`\x`;

/** Parsers for the types of these columns, by PostgreSQL's type number. */
const PARSERS: Readonly<Record<number, (value: string) => unknown>> = {
  16: (value) => value === 't',
  17: (value) => Buffer.from(value.slice(HEX_PREFIX.length), 'hex'),
  20: BigInt,
};

/** Query options for such rows. */
export const EVENT_ROWS = {
  rowMode: 'array',
  types: { getTypeParser: (type: number) => PARSERS[type] ?? ((value: string) => value) },
} as const;

export function toStoredEvent(row: EventRow): StoredEvent {
  const [position, stream, revision, id, type, isJson, data, metadata, created] = row;
  return { position, stream, revision, id, type, isJson, data, metadata, created };
}
