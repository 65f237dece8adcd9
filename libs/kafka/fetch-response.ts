import { decodeOldMessage } from './message-set.js';
import {
  BATCH_HEADER_BYTES,
  type DecodedBatch,
  decodeBatch,
  ENTRY_HEADER_BYTES,
  unreadable,
} from './record-batch.js';
import type { FetchedMessage } from './record-batch.js';
import { RecordBytes } from './record-bytes.js';

/** Memory used for one response at a time. The rest is fetched again. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const MAGIC_AT = 16;
const OLD_MESSAGE_BYTES = 26;
const CORRUPT_MESSAGE = 2;
/**
 * Unknown topic, corrupt message, not authorized, storage error: failures of one partition that
 * another broker cannot fix.
 */
const FAILED_ALONE = new Set([-1, CORRUPT_MESSAGE, 29, 56]);

interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly abortedTransactions: readonly never[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedMessage[];
}

/** What kafkajs expects of a decoded response. */
export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

/**
 * Decodes a response to a fetch (version 11). kafkajs throws on a batch that it cannot decode, and
 * then reads nothing more from any partition. It knows one codec of four, checks no checksum, and
 * returns records of aborted transactions as committed if transactions overlap. Here each batch is
 * decoded on its own. An unreadable batch becomes a message with the reason, and everything that is
 * not data is marked as a control record, which kafkajs skips.
 */
export function decodeFetchResponse(buffer: Buffer): FetchResponse {
  const reader = new RecordBytes(buffer);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const budget = { bytes: MAX_RESPONSE_BYTES };
  const responses = reader.array(() => ({
    topicName: reader.string(reader.int16()) ?? '',
    partitions: reader.array(() => readPartition(reader, budget)),
  }));
  const kept = withoutFailedAlone(responses);
  // As in kafkajs: the broker has not waited, so the client must.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses: kept };
}

/**
 * A failed partition must not keep the others from being read. If there is nothing else, the
 * failure is reported.
 */
function withoutFailedAlone(responses: FetchResponse['responses']): FetchResponse['responses'] {
  const hasMessages = responses.some(({ partitions }) =>
    partitions.some(({ messages }) => messages.length > 0),
  );
  if (!hasMessages) return responses;
  return responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.filter((one) => !FAILED_ALONE.has(one.errorCode)),
  }));
}

function readPartition(reader: RecordBytes, budget: { bytes: number }): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  reader.bytes(16);
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  const preferredReadReplica = reader.int32();
  const records = reader.bytes(reader.int32()) ?? Buffer.alloc(0);
  const { batches, isBroken } = decodeBatches(records, highWatermark, budget);
  const isStuck = isBroken && batches.length === 0;
  return {
    partition,
    errorCode: errorCode === 0 && isStuck ? CORRUPT_MESSAGE : errorCode,
    highWatermark: String(highWatermark),
    abortedTransactions: [],
    preferredReadReplica,
    messages: withoutAborted(batches, aborted),
  };
}

/**
 * Whole batches within the budget. `isBroken`: what follows has no valid length, so its end is
 * unknown.
 */
function decodeBatches(
  records: Buffer,
  highWatermark: bigint,
  budget: { bytes: number },
): { batches: DecodedBatch[]; isBroken: boolean } {
  const batches: DecodedBatch[] = [];
  let at = 0;
  while (records.length - at > MAGIC_AT && budget.bytes > 0) {
    const length = ENTRY_HEADER_BYTES + records.readInt32BE(at + 8);
    if (length < OLD_MESSAGE_BYTES) return { batches, isBroken: true };
    // The broker truncates the last batch where the response is full, but never the first.
    if (length > records.length - at) return { batches, isBroken: at === 0 };
    const next = nextOffset(records, at + length) ?? highWatermark;
    const batch = within(decodeEntry(records.subarray(at, at + length)), next);
    batches.push(batch);
    budget.bytes -= batch.bytes;
    at += length;
  }
  return { batches, isBroken: false };
}

function decodeEntry(bytes: Buffer): DecodedBatch {
  const magic = bytes.readInt8(MAGIC_AT);
  if (magic === 2 && bytes.length >= BATCH_HEADER_BYTES) return decodeBatch(bytes);
  if (magic === 0 || magic === 1) return decodeOldMessage(bytes);
  const lastOffset = bytes.readBigInt64BE(0);
  const reason = magic === 2 ? 'it is shorter than a batch can be' : `Kafka has no record format ${magic}`;
  const messages = [unreadable(bytes, { lastOffset, maxTimestamp: 0n }, reason)];
  const batch = { lastOffset, producerId: -1n, isTransactional: false, isAbortMarker: false };
  return { ...batch, messages, bytes: bytes.length };
}

function nextOffset(records: Buffer, at: number): bigint | undefined {
  return records.length - at >= 8 ? records.readBigInt64BE(at) : undefined;
}

/**
 * If the checksum of a batch is wrong, its last offset may be wrong too, so the batches that follow
 * must not be skipped with it.
 */
function within(batch: DecodedBatch, next: bigint): DecodedBatch {
  const [only] = batch.messages;
  if (only?.unreadable === undefined || batch.lastOffset < next) return batch;
  return { ...batch, lastOffset: next - 1n, messages: [{ ...only, offset: String(next - 1n) }] };
}

function withoutAborted(
  batches: readonly DecodedBatch[],
  aborted: readonly AbortedTransaction[],
): FetchedMessage[] {
  const begun = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  return batches.flatMap(({ lastOffset, producerId, isTransactional, isAbortMarker, messages }) => {
    while (begun[0] && begun[0].firstOffset <= lastOffset)
      aborting.add((begun.shift() as AbortedTransaction).producerId);
    if (isAbortMarker) aborting.delete(producerId);
    if (!isTransactional || !aborting.has(producerId)) return messages;
    return messages.map((message) => ({ ...message, isControlRecord: true }));
  });
}
