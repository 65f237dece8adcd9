import { crc32 } from 'node:zlib';
import { decompress } from './compression.js';
import { UnreadableRecordError } from './kafka.errors.js';
import { type DecodedBatch, ENTRY_HEADER_BYTES, type FetchedMessage, unreadable } from './record-batch.js';
import { RecordBytes } from './record-bytes.js';

const CRC_FROM = 16;

/**
 * A message in the format used before Kafka 0.11 (magic 0 or 1), with the messages compressed in
 * it. Brokers still return those that they hold.
 */
export function decodeOldMessage(bytes: Buffer): DecodedBatch {
  const lastOffset = bytes.readBigInt64BE(0);
  const batch = {
    lastOffset,
    producerId: -1n,
    isTransactional: false,
    isAbortMarker: false,
    bytes: bytes.length,
  };
  try {
    if (crc32(bytes.subarray(CRC_FROM)) !== bytes.readUInt32BE(CRC_FROM - 4)) {
      throw new UnreadableRecordError('its checksum is wrong');
    }
    return { ...batch, messages: messagesOf(bytes, lastOffset) };
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    const messages = [unreadable(bytes, { lastOffset, maxTimestamp: 0n }, error.message)];
    return { ...batch, messages };
  }
}

function messagesOf(bytes: Buffer, offset: bigint): FetchedMessage[] {
  const { attributes, ...message } = read(bytes, offset);
  const codec = attributes & 0x07;
  if (codec === 0) return [message];
  const inner = innerMessages(decompress(codec, message.value ?? Buffer.alloc(0)));
  const isLogAppendTime = (attributes & 0x08) !== 0;
  // Inner offsets of magic 1 count from 0. The outer offset is that of the last message.
  const shift = offset - BigInt(inner.at(-1)?.offset ?? offset);
  return inner.map((one) => ({
    ...one,
    offset: String(BigInt(one.offset) + shift),
    timestamp: isLogAppendTime ? message.timestamp : one.timestamp,
  }));
}

function innerMessages(bytes: Buffer): FetchedMessage[] {
  const reader = new RecordBytes(bytes);
  const messages: FetchedMessage[] = [];
  while (reader.left > 0) {
    const start = reader.position;
    const offset = reader.int64();
    const length = reader.int32();
    reader.bytes(length);
    const { attributes: _, ...message } = read(bytes.subarray(start, reader.position), offset);
    messages.push(message);
  }
  if (messages.length === 0) throw new UnreadableRecordError('it is empty');
  return messages;
}

function read(bytes: Buffer, offset: bigint): FetchedMessage & { readonly attributes: number } {
  const reader = new RecordBytes(bytes);
  reader.bytes(ENTRY_HEADER_BYTES + 4);
  const magic = reader.int8();
  const attributes = reader.int8();
  const timestamp = magic === 0 ? 0n : reader.int64();
  const key = reader.bytes(reader.int32());
  const value = reader.bytes(reader.int32());
  const content = { key, value, headers: {}, isControlRecord: false };
  return { offset: String(offset), timestamp: String(timestamp), ...content, attributes };
}
