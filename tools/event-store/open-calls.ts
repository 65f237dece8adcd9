import type { EventEmitter } from 'node:events';
import { type sendUnaryData, status as grpc } from '@grpc/grpc-js';

const stopping = (code: grpc) => ({ code, details: 'the server is stopping' });

/** The calls under way, which are answered when the server stops: whether a write was written is unknown then. */
export class OpenCalls {
  private readonly stops = new Set<() => void>();

  /** A call that has many answers: it ends with this code when the server stops, unless it did before. */
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

  /** The handler, of a call that has one answer. */
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
