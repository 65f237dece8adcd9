import { type ServiceDefinition, status as grpc, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { appendHandler } from './append-handler.js';
import { readAppend, readBatchAppend } from './append-message.js';
import { batchAppendHandler } from './batch-append-handler.js';
import { deleteHandler, tombstoneHandler } from './delete-handler.js';
import type { EventLog } from './event-log.js';
import { serializeAnswer } from './message-pack.js';
import type { OpenCalls } from './open-calls.js';
import { StreamsService } from './protocol.js';
import { answerRead, type ReadCall } from './read-handler.js';
import { toReadQuery } from './read-query.js';
import { toServiceError } from './service-error.js';
import { answerSubscription } from './subscription-handler.js';

/**
 * The Streams service of the protocol. A call with many responses may send several of them as one.
 * Appends are parsed here.
 */
export const STREAMS_SERVICE: ServiceDefinition = {
  ...StreamsService,
  read: { ...StreamsService.read, responseSerialize: serializeAnswer },
  append: { ...StreamsService.append, requestDeserialize: readAppend },
  batchAppend: {
    ...StreamsService.batchAppend,
    requestDeserialize: readBatchAppend,
    responseSerialize: serializeAnswer,
  },
};

/** Its handlers for a log. */
export function streamsHandlers(log: EventLog, calls: OpenCalls): UntypedServiceImplementation {
  return {
    read: calls.watchStream(readHandler(log)),
    append: calls.watch(appendHandler(log)),
    // Like the real server. The client learns nothing more of its open appends.
    batchAppend: calls.watchStream(batchAppendHandler(log), grpc.CANCELLED),
    delete: calls.watch(deleteHandler(log)),
    tombstone: calls.watch(tombstoneHandler(log)),
  };
}

function readHandler(log: EventLog) {
  return (call: ReadCall): void => {
    call.on('error', () => undefined); // the client has disconnected
    const answer = async (): Promise<void> => {
      const query = toReadQuery(call.request);
      await (query.isSubscription ? answerSubscription(call, log, query) : answerRead(call, log, query));
    };
    answer().catch((error: unknown) => {
      if (!call.destroyed) call.emit('error', toServiceError(error));
    });
  };
}
