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

/** The Streams service, as the protocol has it. What has many answers may send several of them as one; appends are read here. */
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

/** Its handlers over a log. */
export function streamsHandlers(log: EventLog, calls: OpenCalls): UntypedServiceImplementation {
  return {
    read: calls.watchStream(readHandler(log)),
    append: calls.watch(appendHandler(log)),
    // As the real server ends it: appends of which a client learns no more.
    batchAppend: calls.watchStream(batchAppendHandler(log), grpc.CANCELLED),
    delete: calls.watch(deleteHandler(log)),
    tombstone: calls.watch(tombstoneHandler(log)),
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
