import { type handleUnaryCall, status as grpc, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { appendHandler, toServiceError } from './append-handler.js';
import { batchAppendHandler } from './batch-append-handler.js';
import type { EventLog } from './event-log.js';
import { answerRead, type ReadCall } from './read-handler.js';
import { toReadQuery } from './read-query.js';
import { answerSubscription } from './subscription-handler.js';

/** The Streams service over a log. */
export function streamsHandlers(log: EventLog): UntypedServiceImplementation {
  return {
    read: readHandler(log),
    append: appendHandler(log),
    batchAppend: batchAppendHandler(log),
    delete: unimplemented('streams are not deleted here'),
    tombstone: unimplemented('streams are not deleted here'),
  };
}

function readHandler(log: EventLog) {
  return (call: ReadCall): void => {
    call.on('error', () => undefined); // the client has gone
    const answer = async (): Promise<void> => {
      const query = toReadQuery(call.request);
      await (query.isSubscription ? answerSubscription(call, log, query) : answerRead(call, log, query));
    };
    answer().catch((error: unknown) => {
      if (!call.destroyed) call.emit('error', toServiceError(error));
    });
  };
}

function unimplemented(sentence: string): handleUnaryCall<unknown, unknown> {
  return (_, callback) => callback({ code: grpc.UNIMPLEMENTED, details: sentence });
}
