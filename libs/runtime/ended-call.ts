import {
  InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  Metadata,
  status,
} from '@grpc/grpc-js';

type Call = ConstructorParameters<typeof InterceptingCall>[0];

/** A call that was never made. It ends as cancelled. */
class EndedCall implements Call {
  constructor(private readonly details: string) {}

  start(_metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    const ended = { code: status.CANCELLED, details: this.details, metadata: new Metadata() };
    queueMicrotask(() => listener?.onReceiveStatus?.(ended));
  }

  cancelWithStatus(): void {}
  sendMessageWithContext(): void {}
  sendMessage(): void {}
  startRead(): void {}
  halfClose(): void {}

  getPeer(): string {
    return 'none';
  }

  getAuthContext(): null {
    return null;
  }
}

/**
 * Ends calls whose connection is closed. gRPC throws if one is made. Temporal's client repeats
 * calls in timers, so if a connection closed between two attempts, this would end the process with
 * an uncaught exception. Must be the last interceptor.
 */
export const endAfterClose: Interceptor = (options, nextCall) => {
  let call: Call;
  try {
    call = nextCall(options);
  } catch (error) {
    call = new EndedCall(error instanceof Error ? error.message : String(error));
  }
  return new InterceptingCall(call);
};
