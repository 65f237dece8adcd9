import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { decompress } from './compression.js';

const text = Buffer.from('{"amount":1}');

/** A zstd frame whose only block is stored as it is. */
function zstdFrame(content: Buffer): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE(1 | (content.length << 3), 0, 3);
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length];
  return Buffer.concat([Buffer.from(header), block, content]);
}

describe('records compressed by a producer', () => {
  it.each([
    ['none', 0, text],
    ['gzip', 1, gzipSync(text)],
    ['snappy', 2, compressSync(text)],
    ['lz4', 3, compressFrameSync(text)],
    ['zstd', 4, zstdFrame(text)],
  ])('are read: %s', (_, codec, bytes) => {
    expect(decompress(codec, bytes).toString()).toBe(text.toString());
  });

  it('cannot be read if Kafka has no such codec', () => {
    expect(() => decompress(5, text)).toThrow('Kafka has no compression codec 5');
  });
});
