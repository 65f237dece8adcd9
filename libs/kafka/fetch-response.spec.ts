import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { crc32c } from './crc32c.js';
import { decodeFetchResponse } from './fetch-response.js';

const NO_PRODUCER = -1n;

const int8 = (value: number) => Buffer.from(Int8Array.of(value).buffer);
function int(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}
function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}
/** For numbers below 64, as in all records here. */
const varint = (value: number) => int8(value < 0 ? -2 * value - 1 : 2 * value);
const sized = (bytes: Buffer) => Buffer.concat([int(4, bytes.length), bytes]);

/** Attributes, relative time and offset, key, value, no headers. */
function record(delta: number, key: string, value = 'v'): Buffer {
  const text = (of: string) => Buffer.concat([varint(of.length), Buffer.from(of)]);
  const body = Buffer.concat([int8(0), varint(1), varint(delta), text(key), text(value), varint(0)]);
  return Buffer.concat([varint(body.length), body]);
}

interface Batch {
  readonly base: bigint;
  readonly records: readonly Buffer[];
  readonly lastDelta?: number;
  readonly attributes?: number;
  readonly producerId?: bigint;
  readonly payload?: Buffer;
}

function batch({
  base,
  records,
  lastDelta,
  attributes = 0,
  producerId = NO_PRODUCER,
  payload,
}: Batch): Buffer {
  const checked = Buffer.concat([
    int(2, attributes),
    int(4, lastDelta ?? records.length - 1),
    int64(1_000n),
    int64(2_000n),
    int64(producerId),
    int(2, 0),
    int(4, 0),
    int(4, records.length),
    payload ?? Buffer.concat(records),
  ]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(checked));
  return Buffer.concat([int64(base), sized(Buffer.concat([int(4, 0), int8(2), crc, checked]))]);
}

/** A message in the format used before Kafka 0.11. */
function message(offset: bigint, magic: 0 | 1, value: Buffer, attributes = 0): Buffer {
  const time = magic === 1 ? [int64(7n)] : [];
  const content = Buffer.concat([
    int8(magic),
    int8(attributes),
    ...time,
    sized(Buffer.from('k')),
    sized(value),
  ]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(content));
  return Buffer.concat([int64(offset), sized(Buffer.concat([crc, content]))]);
}

interface Partition {
  readonly records: Buffer;
  readonly errorCode?: number;
  readonly aborted?: readonly (readonly [bigint, bigint])[];
}

function decode(...partitions: readonly Partition[]) {
  const encoded = partitions.map(({ records, errorCode = 0, aborted = [] }, index) => [
    int(4, index),
    int(2, errorCode),
    int64(100n),
    int64(100n),
    int64(0n),
    int(4, aborted.length),
    ...aborted.flatMap(([producer, first]) => [int64(producer), int64(first)]),
    int(4, -1),
    sized(records),
  ]);
  const topic = [int(2, 1), Buffer.from('t'), int(4, partitions.length), ...encoded.flat()];
  const response = [int(4, 0), int(2, 0), int(4, 0), int(4, 1), ...topic];
  return decodeFetchResponse(Buffer.concat(response)).responses[0]!.partitions;
}

/** Offset and key as a handler would see them, or why the record is unreadable. */
function seen(...partition: readonly Buffer[]): (readonly [number, string])[] {
  return dataOf(decode({ records: Buffer.concat(partition) })[0]!);
}

function dataOf({ messages }: ReturnType<typeof decode>[number]): (readonly [number, string])[] {
  return messages
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset, key, unreadable }) => [Number(offset), unreadable ?? String(key)]);
}

const good = (base: bigint) => batch({ base, records: [record(0, 'good')] });

describe('records in a fetch response', () => {
  test('is read batch by batch, a half one at the end not', () => {
    const two = batch({ base: 5n, records: [record(0, 'a'), record(1, 'b')] });
    expect(seen(two, good(7n), good(8n).subarray(0, -1))).toEqual([
      [5, 'a'],
      [6, 'b'],
      [7, 'good'],
    ]);
  });

  test.each<[string, Buffer, string]>([
    [
      'of an unknown codec',
      batch({ base: 1n, records: [record(0, 'a')], attributes: 6 }),
      'Kafka has no compression codec 6',
    ],
    [
      'of more records than there are',
      batch({ base: 1n, records: [record(0, 'a')], payload: Buffer.alloc(0) }),
      'it is truncated',
    ],
    [
      'of another format',
      Buffer.concat([int64(1n), sized(Buffer.concat([int(4, 0), int8(3), Buffer.alloc(60)]))]),
      'Kafka has no record format 3',
    ],
    [
      'that is too short',
      Buffer.concat([int64(1n), sized(Buffer.concat([int(4, 0), int8(2), Buffer.alloc(20)]))]),
      'it is shorter than a batch can be',
    ],
  ])('is put aside alone when it is %s', (_, broken, reason) => {
    expect(seen(good(0n), broken, good(2n))).toEqual([
      [0, 'good'],
      [1, reason],
      [2, 'good'],
    ]);
  });

  test('is put aside alone when it is corrupt, whatever it declares as its end', () => {
    const spoilt = batch({ base: 1n, records: [record(0, 'a')] });
    spoilt.writeInt32BE(90, 23);
    expect(seen(spoilt, good(2n))).toEqual([
      [1, 'its checksum is wrong'],
      [2, 'good'],
    ]);
    spoilt.writeInt32BE(5_000, 23);
    expect(seen(spoilt)).toEqual([[99, 'its checksum is wrong']]);
  });

  test('is put aside alone when it is one record of a batch', () => {
    const broken = Buffer.concat([varint(3), int8(0), varint(0), varint(1)]);
    expect(seen(batch({ base: 4n, records: [record(0, 'a'), broken, record(2, 'c')] }))).toEqual([
      [4, 'a'],
      [5, 'it is truncated'],
      [6, 'c'],
    ]);
  });

  test('reaches to the end of a batch from which compaction took the last records, or all', () => {
    const [{ messages }] = decode({
      records: Buffer.concat([
        batch({ base: 0n, records: [record(0, 'a')], lastDelta: 3 }),
        batch({ base: 4n, records: [], lastDelta: 5 }),
      ]),
    }) as [ReturnType<typeof decode>[number]];
    expect(messages.map(({ offset, isControlRecord }) => [offset, isControlRecord])).toEqual([
      ['0', false],
      ['3', true],
      ['9', true],
    ]);
  });

  test('may be of the formats of before Kafka 0.11, compressed or not', () => {
    const inner = Buffer.concat([message(0n, 1, Buffer.from('x')), message(1n, 1, Buffer.from('y'))]);
    expect(seen(message(0n, 0, Buffer.from('v')), message(2n, 1, gzipSync(inner), 1), good(3n))).toEqual([
      [0, 'k'],
      [1, 'k'],
      [2, 'k'],
      [3, 'good'],
    ]);
  });
});

describe('transactions that overlap', () => {
  const inTransaction = (base: bigint, producerId: bigint, key = 'x') =>
    batch({ base, records: [record(0, key)], attributes: 0x10, producerId });
  const marker = (base: bigint, producerId: bigint, key: string) =>
    batch({ base, records: [record(0, key)], attributes: 0x30, producerId });
  const [ABORT, COMMIT] = ['\0\0\0\0', '\0\0\0\u0001'];

  test('show only committed records', () => {
    const records = Buffer.concat([
      inTransaction(0n, 1n),
      inTransaction(1n, 2n),
      inTransaction(2n, 1n, ABORT),
      inTransaction(3n, 1n),
      marker(4n, 2n, ABORT),
      inTransaction(5n, 2n, 'two'),
      marker(6n, 2n, COMMIT),
      marker(7n, 1n, ABORT),
      inTransaction(8n, 1n, 'one'),
    ]);
    // In the order in which the transactions ended, as a broker lists them.
    const aborted = [
      [2n, 1n],
      [1n, 0n],
    ] as const;
    expect(dataOf(decode({ records, aborted })[0]!)).toEqual([
      [5, 'two'],
      [8, 'one'],
    ]);
  });
});

describe('a partition that fails alone', () => {
  const failed = { records: Buffer.alloc(0), errorCode: 2 };

  test('does not keep others from being read', () => {
    expect(decode(failed, { records: good(0n) }).map(({ partition }) => partition)).toEqual([1]);
  });

  test('is reported when there is nothing else', () => {
    expect(decode(failed, { records: Buffer.alloc(0) })).toHaveLength(2);
  });

  test('is one whose first batch has no end', () => {
    const broken = good(0n);
    broken.writeInt32BE(-5, 8);
    expect(decode({ records: broken })[0]).toMatchObject({ errorCode: 2, messages: [] });
  });
});
