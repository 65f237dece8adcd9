import { decompress } from './compression.js';
import { crc32c } from './crc32c.js';
import { UnreadableRecordError } from './kafka.errors.js';
import { RecordBytes } from './record-bytes.js';

/**
 * A record of a fetch. `isControlRecord` marks what is not data: transaction markers, and records
 * of aborted transactions.
 */
export interface FetchedMessage {
  readonly offset: string;
  /** Milliseconds since 1970. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: HeaderValues;
  readonly isControlRecord: boolean;
  /** Why the record is unreadable. Its value then holds the bytes on the topic, unchanged. */
  readonly unreadable?: string;
}

/** All values by name, in order. */
export type HeaderValues = Readonly<Record<string, readonly (Buffer | null)[]>>;

/** The content of a partition between two offsets. */
export interface DecodedBatch {
  readonly lastOffset: bigint;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  readonly isAbortMarker: boolean;
  /** At least one message. The last one is at `lastOffset`. */
  readonly messages: readonly FetchedMessage[];
  /** Approximate memory. */
  readonly bytes: number;
}

/** Offset and length. The length does not include them. */
export const ENTRY_HEADER_BYTES = 12;
/** Without the records. */
export const BATCH_HEADER_BYTES = 61;
const CRC_FROM = 21;
const AROUND_MESSAGE_BYTES = 300;
/** Per batch: a megabyte of compressed data may hold millions of empty records. */
const MAX_RECORDS = 250_000;
const NO_HEADERS: HeaderValues = {};

interface BatchHeader {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly codec: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly producerId: bigint;
  readonly count: number;
}

/**
 * Decodes a complete batch of records (magic 2). Unreadable content becomes one unreadable message.
 * Never throws.
 */
export function decodeBatch(bytes: Buffer): DecodedBatch {
  const header = headerOf(bytes);
  const { lastOffset, producerId, isTransactional, isControl } = header;
  const batch = { lastOffset, producerId, isTransactional };
  try {
    checkCrc(bytes);
    const records = recordsOf(bytes, header);
    const [first] = records.messages;
    const isAbortMarker = isControl && first?.key?.length === 4 && first.key.readInt16BE(2) === 0;
    return { ...batch, ...records, isAbortMarker };
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    const messages = [unreadable(bytes, header, error.message)];
    return { ...batch, messages, bytes: bytes.length, isAbortMarker: false };
  }
}

/** A batch that cannot be read, up to an offset. */
export function unreadable(
  bytes: Buffer,
  { lastOffset, maxTimestamp }: Pick<BatchHeader, 'lastOffset' | 'maxTimestamp'>,
  reason: string,
): FetchedMessage {
  const place = { offset: String(lastOffset), timestamp: String(maxTimestamp) };
  return {
    ...place,
    key: null,
    value: bytes,
    headers: NO_HEADERS,
    isControlRecord: false,
    unreadable: reason,
  };
}

function headerOf(bytes: Buffer): BatchHeader {
  const reader = new RecordBytes(bytes);
  const baseOffset = reader.int64();
  reader.bytes(CRC_FROM - 8);
  const attributes = reader.int16();
  const lastDelta = reader.int32();
  const [firstTimestamp, maxTimestamp, producerId] = [reader.int64(), reader.int64(), reader.int64()];
  reader.bytes(6);
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(Math.max(lastDelta, 0)),
    codec: attributes & 0x07,
    firstTimestamp,
    maxTimestamp,
    isLogAppendTime: (attributes & 0x08) !== 0,
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    producerId,
    count: reader.int32(),
  };
}

function checkCrc(bytes: Buffer): void {
  if (crc32c(bytes.subarray(CRC_FROM)) !== bytes.readUInt32BE(CRC_FROM - 4)) {
    throw new UnreadableRecordError('its checksum is wrong');
  }
}

function recordsOf(bytes: Buffer, header: BatchHeader): Pick<DecodedBatch, 'messages' | 'bytes'> {
  const { count, codec, lastOffset } = header;
  if (count < 0 || count > MAX_RECORDS) throw new UnreadableRecordError(`it declares ${count} records`);
  const payload = decompress(codec, bytes.subarray(BATCH_HEADER_BYTES));
  const reader = new RecordBytes(payload);
  const messages: FetchedMessage[] = [];
  for (let left = count; left > 0; left--) {
    const record = reader.bytes(reader.varint());
    if (!record) throw new UnreadableRecordError('a record has no length');
    messages.push(messageOf(record, header, messages.at(-1)));
  }
  // Compaction removes records, also the last one. The next read still starts after the batch.
  if (messages.at(-1)?.offset !== String(lastOffset)) messages.push(endOf(header));
  return { messages, bytes: payload.length + count * AROUND_MESSAGE_BYTES };
}

function messageOf(bytes: Buffer, header: BatchHeader, before: FetchedMessage | undefined): FetchedMessage {
  const { baseOffset, firstTimestamp, maxTimestamp, isLogAppendTime, isControl } = header;
  const reader = new RecordBytes(bytes);
  try {
    reader.int8();
    const timestamp = BigInt.asIntN(64, firstTimestamp + reader.varlong());
    const offset = baseOffset + BigInt(reader.varint());
    return {
      offset: String(offset),
      timestamp: String(isLogAppendTime ? maxTimestamp : timestamp),
      key: reader.bytes(reader.varint()),
      value: reader.bytes(reader.varint()),
      headers: headersOf(reader),
      isControlRecord: isControl,
    };
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    const next = before === undefined ? baseOffset : BigInt(before.offset) + 1n;
    return unreadable(bytes, { lastOffset: next, maxTimestamp }, error.message);
  }
}

/**
 * A plain object would confuse names such as `__proto__` with its own, and copying it for each
 * header would be quadratic.
 */
function headersOf(reader: RecordBytes): HeaderValues {
  const count = reader.varint();
  if (count <= 0) return NO_HEADERS;
  const values = new Map<string, (Buffer | null)[]>();
  for (let left = count; left > 0; left--) {
    const name = reader.string(reader.varint());
    if (name === null) throw new UnreadableRecordError('a header has no name');
    const value = reader.bytes(reader.varint());
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return Object.fromEntries(values);
}

function endOf({ lastOffset, maxTimestamp }: BatchHeader): FetchedMessage {
  const place = { offset: String(lastOffset), timestamp: String(maxTimestamp) };
  return { ...place, key: null, value: null, headers: NO_HEADERS, isControlRecord: true };
}
