import { describe, expect, test } from '@jest/globals';
import { MessagePack, serializeAnswer, toPacks } from './message-pack.js';

const message = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);

/** What grpc-js does with a serialized message. */
function framed(pack: MessagePack): Buffer {
  const serialized = serializeAnswer(pack);
  const output = Buffer.allocUnsafe(serialized.byteLength + 5);
  output.writeUInt8(0, 0);
  output.writeUInt32BE(serialized.byteLength, 1);
  serialized.copy(output, 5);
  return output;
}

describe('a pack', () => {
  test('of one message is framed as that message is', () => {
    expect(framed(new MessagePack([message(3, 7)]))).toEqual(Buffer.from([0, 0, 0, 0, 3, 7, 7, 7]));
  });

  test('of several is framed as one after the other, an empty one too', () => {
    const pack = new MessagePack([message(2, 1), message(0, 0), message(1, 9)]);
    expect([...framed(pack)]).toEqual([0, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]);
  });

  test('is closed when it is large enough, and a large message has one to itself', () => {
    const sizes = (messages: Uint8Array[]) => [...toPacks(messages)].map((pack) => framed(pack).length);
    expect(sizes([])).toEqual([]);
    expect(sizes([message(10, 1), message(20, 1)])).toEqual([40]);
    expect(sizes([message(100_000, 1), message(40_000, 1), message(1, 1)])).toEqual([100_005, 40_005, 6]);
  });
});
