import { type handleUnaryCall, type ServiceError } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';
import { expectedOf, type RevisionOptions } from './expected-revision.js';
import { type shared, streams } from './protocol.js';
import { invalidRequest, StreamDeletedError } from './request.errors.js';
import { conflictError, toServiceError } from './service-error.js';
import { isMetadataStream } from './stream-metadata.js';
import { streamNameOf } from './stream-name.js';
import type { DeleteRequest } from './write-request.js';

type DeleteResponse = InstanceType<typeof streams.DeleteResp>;
type TombstoneResponse = InstanceType<typeof streams.TombstoneResp>;

interface Request {
  getOptions(): (RevisionOptions & { getStreamIdentifier(): Identifier | undefined }) | undefined;
}
type Identifier = InstanceType<typeof shared.StreamIdentifier>;

/** Hides the content of the stream, which may be written to again. */
export function deleteHandler(log: EventLog): handleUnaryCall<Request, DeleteResponse> {
  return handler(log, 'delete', (position) => {
    const at = new streams.DeleteResp.Position();
    at.setCommitPosition(position);
    at.setPreparePosition(position);
    const response = new streams.DeleteResp();
    response.setPosition(at);
    return response;
  });
}

/** Ends the stream permanently. */
export function tombstoneHandler(log: EventLog): handleUnaryCall<Request, TombstoneResponse> {
  return handler(log, 'tombstone', (position) => {
    const at = new streams.TombstoneResp.Position();
    at.setCommitPosition(position);
    at.setPreparePosition(position);
    const response = new streams.TombstoneResp();
    response.setPosition(at);
    return response;
  });
}

function handler<Response>(
  log: EventLog,
  kind: DeleteRequest['kind'],
  toResponse: (position: string) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const answer = async (): Promise<[Partial<ServiceError> | null, Response?]> => {
      const options = call.request.getOptions();
      if (!options) throw invalidRequest('a deletion needs options');
      const stream = streamNameOf(options.getStreamIdentifier());
      // A metadata stream is deleted with its stream. To replace its content, write to it.
      if (isMetadataStream(stream)) {
        throw invalidRequest('a metadata stream cannot be deleted on its own');
      }
      const result = await log.write({ kind, stream, expected: expectedOf(options) });
      if (result.kind === 'deleted') throw new StreamDeletedError(stream);
      if (result.kind === 'conflict') return [conflictError(stream, result)];
      return [null, toResponse(String(result.position))];
    };
    answer().then(
      ([error, response]) => callback(error, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}
