import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';

/**
 * Writes a message. Answers true when the next may follow at once, else a promise of when it may: false when the client
 * has gone.
 */
export function writeOrWait<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  message: Response,
): true | Promise<boolean> {
  if (call.cancelled || call.destroyed) return Promise.resolve(false);
  return call.write(message) || drained(call);
}

async function drained<Request, Response>(call: ServerWritableStream<Request, Response>): Promise<boolean> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  call.once('cancelled', leave);
  call.once('close', leave);
  try {
    await once(call, 'drain', { signal: gone.signal });
    return true;
  } catch {
    return false;
  } finally {
    call.off('cancelled', leave);
    call.off('close', leave);
  }
}
