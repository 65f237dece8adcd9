import { gunzipSync } from 'node:zlib';
import { decompress as unzstd } from 'fzstd';
import { decompressFrameSync } from 'lz4-napi';
import { uncompressSync } from 'snappy';
import { UnreadableRecordError } from './kafka.errors.js';

/** Of a batch after decompression. A batch that declares more is not decompressed at all. */
const LARGEST_DECOMPRESSED_BYTES = 32 * 1024 * 1024;

type Decompress = (bytes: Buffer) => Uint8Array;

/** By Kafka's number of the codec. */
const codecs: ReadonlyMap<number, { readonly name: string; readonly decompress: Decompress }> = new Map([
  [1, { name: 'gzip', decompress: gunzip }],
  [2, { name: 'snappy', decompress: unsnappy }],
  [3, { name: 'lz4', decompress: unlz4 }],
  [4, { name: 'zstd', decompress: unzstdFrame }],
]);

/** Decompresses data of a Kafka codec, where 0 is none. Throws {@link UnreadableRecordError}. */
export function decompress(codec: number, bytes: Buffer): Buffer {
  if (codec === 0) return bytes;
  const known = codecs.get(codec);
  if (!known) throw new UnreadableRecordError(`Kafka has no compression codec ${codec}`);
  try {
    const { buffer, byteOffset, byteLength } = known.decompress(bytes);
    return Buffer.from(buffer, byteOffset, byteLength);
  } catch (error) {
    if (error instanceof UnreadableRecordError) throw error;
    const { code, message } = error as Partial<NodeJS.ErrnoException>;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    const reason = message ?? String(error);
    throw new UnreadableRecordError(`its ${known.name} data cannot be decompressed: ${reason}`, {
      cause: error,
    });
  }
}

function refuseMoreThanFits(bytes: number): void {
  if (bytes > LARGEST_DECOMPRESSED_BYTES) throw tooLarge();
}

function tooLarge(): UnreadableRecordError {
  return new UnreadableRecordError(
    `it is larger than ${LARGEST_DECOMPRESSED_BYTES} bytes after decompression`,
  );
}

function gunzip(bytes: Buffer): Buffer {
  return gunzipSync(bytes, { maxOutputLength: LARGEST_DECOMPRESSED_BYTES });
}

/** Java clients use a framing of their own around blocks. Others write a single block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

function unsnappy(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  if (bytes.subarray(0, XERIAL.length).equals(XERIAL)) {
    for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
      const start = at + 4;
      at = start + bytes.readUInt32BE(at);
      if (at > bytes.length) throw new UnreadableRecordError('its snappy data is truncated');
      blocks.push(bytes.subarray(start, at));
    }
  } else {
    blocks.push(bytes);
  }
  refuseMoreThanFits(blocks.reduce((sum, block) => sum + snappyLength(block), 0));
  return Buffer.concat(blocks.map((block) => uncompressSync(block) as Buffer));
}

/** A block starts with its decompressed length. */
function snappyLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block.readUInt8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return length;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_STORED = 0x80000000;
const LZ4_RATIO = 255;

function unlz4(bytes: Buffer): Buffer {
  refuseMoreThanFits(lz4Bound(bytes));
  return decompressFrameSync(bytes);
}

/** Upper bound: the block size of the frame, and at most 255 times the compressed size. */
function lz4Bound(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new UnreadableRecordError('its lz4 data is not a frame');
  const flags = bytes.readUInt8(4);
  const largestBlock = 2 ** (8 + 2 * ((bytes.readUInt8(5) >> 4) & 7));
  const blockChecksumBytes = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let bound = 0;
  for (let size = bytes.readUInt32LE(at); size !== 0; size = bytes.readUInt32LE(at)) {
    const taken = size % LZ4_STORED;
    bound += size >= LZ4_STORED ? taken : Math.min(largestBlock, taken * LZ4_RATIO);
    at += 4 + taken + blockChecksumBytes;
  }
  return bound;
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_LARGEST_BLOCK = 128 * 1024;

/**
 * Decompresses into a buffer that is large enough. Without one, the decompressor allocates the
 * window that the frame declares, up to 2 GB. The rest of the buffer is zeros.
 */
function unzstdFrame(bytes: Buffer): Uint8Array {
  const bound = zstdBound(bytes);
  refuseMoreThanFits(bound);
  return unzstd(bytes, new Uint8Array(bound));
}

/** Upper bound: blocks declare their size, or have at most 128 KiB. */
function zstdBound(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== ZSTD_MAGIC) throw new UnreadableRecordError('its zstd data is not a frame');
  const flags = bytes.readUInt8(4);
  const isSingleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] as number;
  const contentSizeBytes = flags < 0x40 ? Number(isSingleSegment) : 2 ** (flags >> 6);
  let at = 5 + Number(!isSingleSegment) + dictionaryBytes + contentSizeBytes;
  let bound = 0;
  for (let isLast = false; !isLast;) {
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    bound += type === 2 ? ZSTD_LARGEST_BLOCK : size;
    at += 3 + (type === 1 ? 1 : size);
  }
  if (at + (flags & 4) < bytes.length) throw new UnreadableRecordError('its zstd data has several frames');
  return bound;
}
