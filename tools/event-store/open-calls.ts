import type { EventEmitter } from 'node:events';
import { type sendUnaryData, status as grpc } from '@grpc/grpc-js';

const stopping = (code: grpc) => ({ code, details: 'the server is shutting down' });

/**
 * The open calls, which are answered when the server stops. It is then unknown whether a write was
 * committed.
 */
export class OpenCalls {
  private readonly stops = new Set<() => void>();

  /**
   * A call with many responses. It ends with this code when the server stops, unless it has ended
   * before.
   */
  watchStream<Call extends EventEmitter>(
    handler: (call: Call) => void,
    code = grpc.UNAVAILABLE,
  ): (call: Call) => void {
    return (call) => {
      const stop = (): void => void call.emit('error', stopping(code));
      this.stops.add(stop);
      for (const end of ['close', 'cancelled', 'error']) call.once(end, () => this.stops.delete(stop));
      handler(call);
    };
  }

  /** The handler of a call with a single response. */
  watch<Call, Response>(
    handler: (call: Call, callback: sendUnaryData<Response>) => void,
  ): (call: Call, callback: sendUnaryData<Response>) => void {
    return (call, callback) => {
      const stop = (): void => answer(stopping(grpc.UNAVAILABLE));
      const answer: sendUnaryData<Response> = (...answers) => {
        if (this.stops.delete(stop)) callback(...answers);
      };
      this.stops.add(stop);
      handler(call, answer);
    };
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }
}
