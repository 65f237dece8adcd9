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

/** Of one response, in memory at once; what is left of it is fetched again. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const MAGIC_AT = 16;
const OLD_MESSAGE_BYTES = 26;
const CORRUPT_MESSAGE = 2;
/**
 * Unknown to the broker, corrupt, not authorized, a broken disk: of a partition alone, and nothing that asking elsewhere mends.
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
 * Decodes a response to a fetch (version 11). kafkajs throws for a batch that it cannot decode, and then nothing is read any
 * more, of no partition; it knows one codec of four, checks no checksum, and takes records of aborted transactions for
 * committed ones where transactions overlap. Here each batch stands for itself: one that cannot be read becomes a message that
 * says why, and everything that is no data is marked as a control record, which kafkajs leaves out.
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
  // As kafkajs has it: the broker has not waited, the client is to.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses: kept };
}

/** A partition that fails must not keep the others from being read; when there is nothing else, the failure is told. */
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

/** Whole batches, as far as the budget reaches. `isBroken`: what comes next has no length, so that its end is unknown. */
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
    // The broker cuts the last batch off where the response is full, never the first.
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
  const reason = magic === 2 ? 'it is shorter than a batch may be' : `Kafka has no record format ${magic}`;
  const messages = [unreadable(bytes, { lastOffset, maxTimestamp: 0n }, reason)];
  const batch = { lastOffset, producerId: -1n, isTransactional: false, isAbortMarker: false };
  return { ...batch, messages, bytes: bytes.length };
}

function nextOffset(records: Buffer, at: number): bigint | undefined {
  return records.length - at >= 8 ? records.readBigInt64BE(at) : undefined;
}

/** Of a batch whose checksum is wrong its last offset may be, too: what follows is not to be passed over with it. */
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
