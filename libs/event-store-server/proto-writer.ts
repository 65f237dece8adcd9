const VARINT = 0;
const BYTES = 2;
const MAX_VARINT_BYTES = 10;
const MORE = 0x80;

/**
 * Writes protobuf fields from the end of a buffer to its beginning: the length of a message is known when its fields have
 * been written, so nothing is copied twice. Fields come out in the reverse of the order they were written in.
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
    const length = Buffer.byteLength(value);
    this.at -= length;
    this.target.write(value, this.at);
    return this.head(field, length);
  }

  uint(field: number, value: bigint): this {
    this.varint(value);
    return this.tag(field, VARINT);
  }

  /** Makes what `write` writes a message of its own. */
  message(field: number, write: () => void): this {
    const end = this.at;
    write();
    return this.head(field, end - this.at);
  }

  /** What was written. */
  finish(): Buffer {
    return this.target.subarray(this.at);
  }

  /** The most bytes that one field takes besides its value. */
  static readonly FIELD_BYTES = 2 * MAX_VARINT_BYTES;

  private head(field: number, length: number): this {
    this.small(length);
    return this.tag(field, BYTES);
  }

  private tag(field: number, wireType: number): this {
    this.small((field << 3) | wireType);
    return this;
  }

  private varint(value: bigint): void {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return this.small(Number(value));
    const groups: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 7n) groups.push(Number(rest & 0x7fn));
    this.groups(groups);
  }

  private small(value: number): void {
    if (value < MORE) {
      this.at -= 1;
      this.target[this.at] = value;
      return;
    }
    const groups: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / MORE)) groups.push(rest % MORE);
    this.groups(groups);
  }

  /** The least significant group comes first and all but the last are marked. */
  private groups(groups: readonly number[]): void {
    this.at -= groups.length;
    groups.forEach((group, index) => {
      this.target[this.at + index] = index < groups.length - 1 ? group | MORE : group;
    });
  }
}
