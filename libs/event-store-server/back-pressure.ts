import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';

/** Writes a message and waits for as long as the client is behind. Resolves to false when it has gone. */
export async function writeOrWait<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  message: Response,
): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(message)) return true;
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
