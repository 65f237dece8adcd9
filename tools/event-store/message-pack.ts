/** The head of a message on the wire: a flag for compression, and four bytes of its length. */
const HEAD_BYTES = 5;
const PACK_BYTES = 32 * 1024;

/**
 * Encoded messages of one call that leave together. grpc-js takes the next message of a call when the last one has reached
 * the socket, so that each costs a system call and a turn of the event loop: more than all else that is done for it. It
 * frames what a serializer gives by `byteLength` and `copy`; these lay down the messages one after the other, each with a
 * head of its own.
 */
export class MessagePack {
  /** As grpc-js counts: without the head of the first message. */
  readonly byteLength: number;

  constructor(private readonly messages: readonly Uint8Array[]) {
    this.byteLength = messages.reduce((sum, { length }) => sum + HEAD_BYTES + length, -HEAD_BYTES);
  }

  /** Fills the buffer, over the head that grpc-js has written: it is that of one message. */
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

/** Packs of a size that moves through a connection without holding up others. */
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

/** How a service serializes answers that may be packs. The cast: `byteLength` and `copy` are all that grpc-js asks for. */
export const serializeAnswer = (answer: { serializeBinary(): Uint8Array } | MessagePack): Buffer =>
  answer instanceof MessagePack ? (answer as unknown as Buffer) : Buffer.from(answer.serializeBinary());
