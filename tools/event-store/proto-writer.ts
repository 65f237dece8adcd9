import { BITS_IN_A_BYTE, BYTES, MAX_VARINT_BYTES, MORE, VARINT, WIRE_TYPE_BITS } from './proto-wire.js';

const MAX_SMALL = BigInt(Number.MAX_SAFE_INTEGER);
/**
 * Up to this length, characters are written one by one. For longer texts, a native call is faster.
 */
const SHORT = 64;

/**
 * Writes protobuf fields from the end of a buffer to its start: the length of a message is known
 * once its fields have been written, so nothing is copied twice. Fields appear in reverse order of
 * writing.
 */
export class ProtoWriter {
  private readonly target: Buffer;
  private at: number;

  constructor(capacity: number) {
    this.target = Buffer.allocUnsafe(capacity);
    this.at = capacity;
  }

  bytes(field: number, value: Uint8Array): this {
    this.at -= value.length;
    this.target.set(value, this.at);
    return this.head(field, value.length);
  }

  string(field: number, value: string): this {
    const end = this.at;
    if (value.length > SHORT || !this.ascii(value)) {
      this.at = end - Buffer.byteLength(value);
      this.target.write(value, this.at);
    }
    return this.head(field, end - this.at);
  }

  uint(field: number, value: bigint): this {
    this.varint(value);
    return this.tag(field, VARINT);
  }

  /** Makes an embedded message of what `write` writes. */
  message(field: number, write: () => void): this {
    const end = this.at;
    write();
    return this.head(field, end - this.at);
  }

  /** The bytes written. */
  finish(): Buffer {
    return this.target.subarray(this.at);
  }

  /** The most bytes that a field takes in addition to its value. */
  static readonly FIELD_BYTES = 2 * MAX_VARINT_BYTES;

  private head(field: number, length: number): this {
    this.small(length);
    return this.tag(field, BYTES);
  }

  private tag(field: number, wireType: number): this {
    this.small((field << WIRE_TYPE_BITS) | wireType);
    return this;
  }

  /**
   * Returns whether the text was written: false at the first character that takes more than one
   * byte.
   */
  private ascii(value: string): boolean {
    for (let index = value.length - 1; index >= 0; index--) {
      const code = value.charCodeAt(index);
      if (code >= MORE) return false;
      this.at -= 1;
      this.target[this.at] = code;
    }
    return true;
  }

  private varint(value: bigint): void {
    if (value <= MAX_SMALL) return this.small(Number(value));
    let high = value;
    let size = 1;
    for (; high >= MORE; high >>= BITS_IN_A_BYTE) size += 1;
    this.at -= size;
    let rest = value;
    for (let index = 0; index < size; index++, rest >>= BITS_IN_A_BYTE) {
      this.target[this.at + index] = Number(rest & (BigInt(MORE) - 1n)) | (index < size - 1 ? MORE : 0);
    }
  }

  /**
   * The least significant group of seven bits comes first. All groups except the last are marked.
   */
  private small(value: number): void {
    let size = 1;
    for (let high = value; high >= MORE; high = Math.floor(high / MORE)) size += 1;
    this.at -= size;
    let rest = value;
    for (let index = 0; index < size; index++) {
      this.target[this.at + index] = (rest % MORE) | (index < size - 1 ? MORE : 0);
      rest = Math.floor(rest / MORE);
    }
  }
}
