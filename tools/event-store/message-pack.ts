/** Header of a message on the wire: a compression flag, and its length in four bytes. */
const HEAD_BYTES = 5;
const PACK_BYTES = 32 * 1024;

/**
 * Encoded messages of one call that are sent together. grpc-js takes the next message of a call
 * when the last one has reached the socket, so each message costs a system call and a turn of the
 * event loop: more than all other work for it. grpc-js frames the output of a serializer using
 * `byteLength` and `copy`. Here these write several messages in sequence, each with its own header.
 */
export class MessagePack {
  /** As grpc-js counts: without the header of the first message. */
  readonly byteLength: number;

  constructor(private readonly messages: readonly Uint8Array[]) {
    this.byteLength = messages.reduce((sum, { length }) => sum + HEAD_BYTES + length, -HEAD_BYTES);
  }

  /** Fills the buffer, and overwrites the header by grpc-js, which is that of a single message. */
  copy(target: Buffer): void {
    let at = 0;
    for (const message of this.messages) {
      at = target.writeUInt8(0, at);
      at = target.writeUInt32BE(message.length, at);
      target.set(message, at);
      at += message.length;
    }
  }
}

/** Packs small enough to pass through a connection without delaying others. */
export function* toPacks(messages: Iterable<Uint8Array>): Iterable<MessagePack> {
  let next: Uint8Array[] = [];
  let bytes = 0;
  for (const message of messages) {
    next.push(message);
    bytes += message.length;
    if (bytes < PACK_BYTES) continue;
    yield new MessagePack(next);
    next = [];
    bytes = 0;
  }
  if (next.length > 0) yield new MessagePack(next);
}

/**
 * How a service serializes responses that may be packs. The cast is safe: grpc-js uses only
 * `byteLength` and `copy`.
 */
export const serializeAnswer = (answer: { serializeBinary(): Uint8Array } | MessagePack): Buffer =>
  answer instanceof MessagePack ? (answer as unknown as Buffer) : Buffer.from(answer.serializeBinary());
