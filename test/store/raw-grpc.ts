import { randomUUID } from 'node:crypto';
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';

// Raw calls, for what no official client would send.

const STREAMS = '/event_store.client.streams.Streams';

export const paths = {
  append: `${STREAMS}/Append`,
  batchAppend: `${STREAMS}/BatchAppend`,
  read: `${STREAMS}/Read`,
  delete: `${STREAMS}/Delete`,
} as const;

/** A length-delimited protobuf field. */
function field(number: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const streamIdentifier = (name: string | Buffer): Buffer => field(1, field(3, name));

/** The messages of the protocol, as bytes. */
export const messages = {
  /** First message of an append, with ANY. */
  appendOptions: (stream: string | Buffer): Buffer => field(1, streamIdentifier(stream), field(4)),
  appendEvent: (data: Buffer, id: string = randomUUID()): Buffer => field(2, ...event(data, id)),
  /** `deadline` in seconds since 1970. */
  batchOptions: (stream: string, correlation: string, deadline?: number): Buffer => {
    const until = deadline === undefined ? [] : [field(6, Buffer.from([1 << 3]), varint(deadline))];
    return Buffer.concat([
      field(1, field(2, correlation)),
      field(2, streamIdentifier(stream), field(4), ...until),
    ]);
  },
  batchEvent: (data: Buffer, correlation: string, id: string = randomUUID()): Buffer =>
    Buffer.concat([field(1, field(2, correlation)), field(3, ...event(data, id))]),
  batchEnd: (correlation: string): Buffer =>
    Buffer.concat([field(1, field(2, correlation)), Buffer.from([4 << 3, 1])]),
  /** Reads a stream from its start, up to 100 events. */
  read: (stream: string): Buffer =>
    field(
      1,
      field(1, streamIdentifier(stream), field(3)),
      Buffer.from([5 << 3, 100]),
      field(8),
      field(9, field(2)),
    ),
  /** Subscribes to a stream from its start. */
  subscribe: (stream: string): Buffer =>
    field(1, field(1, streamIdentifier(stream), field(3)), field(6), field(8), field(9, field(2))),
};

function event(data: Buffer, id: string): Buffer[] {
  const metadata = Object.entries({ type: 'Raw', 'content-type': 'application/octet-stream' });
  return [
    field(1, field(2, id)),
    ...metadata.map(([key, value]) => field(2, field(1, key), field(2, value))),
    field(4, data),
  ];
}

/** A message in its gRPC frame, whose header can be falsified. */
export function frame(message: Buffer, { flag = 0, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** How a call ended: with a gRPC status, or another end of the stream. */
export interface RawEnd {
  readonly httpStatus: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly grpcMessage: string | undefined;
  readonly body: Buffer;
  readonly error: string | undefined;
}

/** Opens an HTTP/2 connection. Its errors only end the calls on it. */
export function openSession(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  return session;
}

/** Starts a call and leaves it open for writing. */
export function openCall(session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}) {
  const call = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const ended = new Promise<RawEnd>((resolve) => {
    let httpStatus: number | undefined;
    let grpcStatus: number | undefined;
    let grpcMessage: string | undefined;
    let error: string | undefined;
    const body: Buffer[] = [];
    const note = (received: Record<string, unknown>): void => {
      if (received['grpc-status'] !== undefined) grpcStatus = Number(received['grpc-status']);
      if (received['grpc-message'] !== undefined)
        grpcMessage = decodeURIComponent(received['grpc-message'] as string);
    };
    call.on('response', (received) => {
      httpStatus = received[':status'];
      note(received);
    });
    call.on('trailers', note);
    call.on('data', (chunk: Buffer) => body.push(chunk));
    call.on('end', () => call.close()); // it was answered, and nothing more is to be sent
    call.on('error', ({ message }: Error) => (error = message));
    call.on('close', () =>
      resolve({ httpStatus, grpcStatus, grpcMessage, body: Buffer.concat(body), error }),
    );
  });
  return { call, ended };
}

/** One call with this body, on its own connection. */
export async function rawCall(
  port: number,
  path: string,
  body: Buffer,
  headers: OutgoingHttpHeaders = {},
): Promise<RawEnd> {
  const session = openSession(port);
  const { call, ended } = openCall(session, path, headers);
  call.end(body);
  const end = await ended;
  session.destroy();
  return end;
}

/**
 * Sends bytes over a bare connection. Resolves once the server has ended it, or after a while of
 * silence.
 */
export async function rawBytes(port: number, bytes: Buffer, silenceMs = 500): Promise<void> {
  const socket = connectTcp(port, '127.0.0.1');
  await new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('data', () => undefined);
    socket.write(bytes);
  });
}

/** Connections that send nothing. */
export async function idleSockets(port: number, count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      return new Promise<Socket>((resolve, fail) => {
        socket.once('connect', () => resolve(socket));
        socket.once('error', fail);
      });
    }),
  );
}
