import { isUtf8 } from 'node:buffer';
import {
  BITS_IN_A_BYTE,
  BYTES,
  EIGHT_BYTES,
  FOUR_BYTES,
  MAX_VARINT_BYTES,
  MORE,
  VARINT,
  WIRE_TYPE_BITS,
} from './proto-wire.js';

const MAX_SMALL = 0xff_ff_ff_ff;
const MAX_SMALL_BYTES = 5;
const REPLACEMENT = '\uFFFD';

/** The bytes are not a valid message. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** Reads the fields of a protobuf message in sequence. Bytes are returned as views, not copies. */
export class ProtoReader {
  /** Number of the current field. */
  field = 0;
  private wireType: number = VARINT;
  private isRead = true;

  constructor(
    private readonly source: Buffer,
    private at = 0,
    private readonly end = source.length,
  ) {}

  /**
   * Advances to the next field, or returns false if there is none. Skips a value that was not read.
   */
  next(): boolean {
    if (!this.isRead) this.skip();
    if (this.at === this.end) return false;
    const tag = this.small();
    this.field = tag >>> WIRE_TYPE_BITS;
    this.wireType = tag & ((1 << WIRE_TYPE_BITS) - 1);
    if (this.field === 0) throw new MalformedMessageError('a field has number 0');
    this.isRead = false;
    return true;
  }

  /** An unsigned integer of up to 64 bits. */
  uint(): bigint {
    this.expect(VARINT);
    const begin = this.at;
    this.skipVarint();
    let value = 0n;
    for (let index = this.at - 1; index >= begin; index--) {
      value = (value << BITS_IN_A_BYTE) | BigInt((this.source[index] as number) & (MORE - 1));
    }
    return BigInt.asUintN(64, value);
  }

  bytes(): Buffer {
    const begin = this.enter();
    return this.source.subarray(begin, this.at);
  }

  string(): string {
    const begin = this.enter();
    const text = this.source.toString('utf8', begin, this.at);
    // Invalid UTF-8 would be replaced, and two different texts would become the same.
    if (text.includes(REPLACEMENT) && !isUtf8(this.source.subarray(begin, this.at))) {
      throw new MalformedMessageError(`field ${this.field} is not valid UTF-8`);
    }
    return text;
  }

  /** The fields of an embedded message. */
  message(): ProtoReader {
    const begin = this.enter();
    return new ProtoReader(this.source, begin, this.at);
  }

  private skip(): void {
    this.isRead = true;
    if (this.wireType === VARINT) this.skipVarint();
    else if (this.wireType === BYTES) this.enter();
    else if (this.wireType === EIGHT_BYTES) this.advance(8);
    else if (this.wireType === FOUR_BYTES) this.advance(4);
    else throw new MalformedMessageError(`a field has wire type ${this.wireType}`);
  }

  /** Skips a value with a length prefix, and returns where it starts. */
  private enter(): number {
    this.expect(BYTES);
    const length = this.small();
    this.advance(length);
    return this.at - length;
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw new MalformedMessageError(`field ${this.field} has wire type ${this.wireType}`);
    }
    this.isRead = true;
  }

  private advance(bytes: number): void {
    if (bytes > this.end - this.at) throw new MalformedMessageError('the message is truncated');
    this.at += bytes;
  }

  private skipVarint(): void {
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      this.advance(1);
      if ((this.source[this.at - 1] as number) < MORE) return;
    }
    throw new MalformedMessageError(`a number has more than ${MAX_VARINT_BYTES} bytes`);
  }

  /** A tag or a length. */
  private small(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < MAX_SMALL_BYTES; count++, factor *= MORE) {
      this.advance(1);
      const byte = this.source[this.at - 1] as number;
      value += (byte & (MORE - 1)) * factor;
      if (byte < MORE && value <= MAX_SMALL) return value;
    }
    throw new MalformedMessageError('a tag or a length is too large');
  }
}
