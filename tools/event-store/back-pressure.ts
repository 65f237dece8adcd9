import type { ServerWritableStream } from '@grpc/grpc-js';

/** Writes messages, and waits while the client lags. Resolves to false if it has disconnected. */
export async function writeAll<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  messages: Iterable<Response>,
): Promise<boolean> {
  for (const message of messages) {
    if (isGone(call)) return false;
    call.write(message);
  }
  return call.writableNeedDrain ? drained(call) : !isGone(call);
}

const isGone = <Request, Response>(call: ServerWritableStream<Request, Response>): boolean =>
  call.cancelled || call.destroyed || call.writableEnded;

function drained<Request, Response>(call: ServerWritableStream<Request, Response>): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'cancelled', 'close']) call.off(event, settle);
      resolve(!isGone(call));
    };
    for (const event of ['drain', 'cancelled', 'close']) call.on(event, settle);
  });
}
