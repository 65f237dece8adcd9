import { UnreadableRecordError } from './kafka.errors.js';

const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;

/**
 * Reads Kafka's binary types in sequence. Throws {@link UnreadableRecordError} if the bytes end too
 * early.
 */
export class RecordBytes {
  private at = 0;

  constructor(readonly buffer: Buffer) {}

  get position(): number {
    return this.at;
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  int8(): number {
    return this.buffer.readInt8(this.step(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.step(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.step(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.step(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.step(8));
  }

  varint(): number {
    return Number(BigInt.asIntN(32, this.zigZag(VARINT_BYTES)));
  }

  varlong(): bigint {
    return BigInt.asIntN(64, this.zigZag(VARLONG_BYTES));
  }

  /** The next bytes, not copied, or null for a length of -1. */
  bytes(length: number): Buffer | null {
    if (length === -1) return null;
    if (length < 0) throw new UnreadableRecordError('a length is negative');
    const start = this.step(length);
    return this.buffer.subarray(start, start + length);
  }

  string(length: number): string | null {
    return this.bytes(length)?.toString('utf8') ?? null;
  }

  /** An array prefixed with its length, or empty for a length of -1. */
  array<T>(read: () => T): T[] {
    const items: T[] = [];
    // Not `new Array(length)`: the length is untrusted.
    for (let left = this.int32(); left > 0; left--) items.push(read());
    return items;
  }

  rest(): Buffer {
    return this.buffer.subarray(this.at);
  }

  private zigZag(maxBytes: number): bigint {
    let small = 0;
    let factor = 1;
    for (let count = 1; count <= maxBytes; count++) {
      const byte = this.buffer[this.step(1)] as number;
      if (count > 7) return this.largeZigZag(BigInt(small), byte, count, maxBytes);
      small += (byte & 0x7f) * factor;
      if (byte < 0x80) return BigInt(small % 2 === 0 ? small / 2 : -(small + 1) / 2);
      factor *= 0x80;
    }
    throw new UnreadableRecordError('a number has too many bytes');
  }

  /** For numbers beyond what a double holds exactly. */
  private largeZigZag(low: bigint, eighth: number, from: number, maxBytes: number): bigint {
    let value = low;
    let byte = eighth;
    for (let count = from; ; count++) {
      value |= BigInt(byte & 0x7f) << BigInt(7 * (count - 1));
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
      if (count === maxBytes) throw new UnreadableRecordError('a number has too many bytes');
      byte = this.buffer[this.step(1)] as number;
    }
  }

  private step(length: number): number {
    const start = this.at;
    if (length > this.left) throw new UnreadableRecordError('it is truncated');
    this.at += length;
    return start;
  }
}
