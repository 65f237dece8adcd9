import { status as grpc } from '@grpc/grpc-js';
import { MAX_APPEND_BYTES } from './append-messages.js';
import { Any, Empty, shared, status, streams } from './protocol.js';
import { AppendTimeoutError, AppendTooLargeError } from './request.errors.js';
import type { Conflict, WriteResult, Written } from './write-request.js';

type Response = InstanceType<typeof streams.BatchAppendResp>;
type Identifier = InstanceType<typeof shared.StreamIdentifier>;

/** The answer to one append of a batch. */
export function resultResponse(result: WriteResult, stream: Identifier | undefined): Response {
  const response = responseTo(stream);
  if (result.kind === 'written') response.setSuccess(toSuccess(result));
  else if (result.kind === 'conflict') response.setError(toConflict(result));
  else response.setError(toDeleted(stream));
  return response;
}

/** The answer to one that was refused. */
export function errorResponse(error: Error, stream: Identifier | undefined): Response {
  const response = responseTo(stream);
  if (error instanceof AppendTooLargeError) {
    const tooLarge = new shared.MaximumAppendSizeExceeded();
    tooLarge.setMaxappendsize(MAX_APPEND_BYTES);
    response.setError(toStatus(grpc.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', tooLarge, error.message));
  } else if (error instanceof AppendTimeoutError) {
    response.setError(toStatus(grpc.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout()));
  } else {
    const bad = new shared.BadRequest();
    bad.setMessage(error.message);
    response.setError(toStatus(grpc.INVALID_ARGUMENT, 'BadRequest', bad, error.message));
  }
  return response;
}

function responseTo(stream: Identifier | undefined): Response {
  const response = new streams.BatchAppendResp();
  response.setStreamIdentifier(stream ?? new shared.StreamIdentifier());
  return response;
}

function toSuccess({ revision, position }: Written) {
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(String(revision));
  if (position === undefined) {
    success.setNoPosition(new Empty());
  } else {
    const at = new shared.AllStreamPosition();
    at.setCommitPosition(String(position));
    at.setPreparePosition(String(position));
    success.setPosition(at);
  }
  return success;
}

function toConflict({ expected, actual }: Conflict) {
  const conflict = new shared.WrongExpectedVersion();
  if (actual === undefined) conflict.setCurrentNoStream(new Empty());
  else conflict.setCurrentStreamRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new Empty());
  else conflict.setExpectedStreamPosition(String(expected));
  return toStatus(grpc.ALREADY_EXISTS, 'WrongExpectedVersion', conflict);
}

function toDeleted(stream: Identifier | undefined) {
  const deleted = new shared.StreamDeleted();
  deleted.setStreamIdentifier(stream);
  return toStatus(grpc.NOT_FOUND, 'StreamDeleted', deleted);
}

/** `name` is the protocol's for the details; clients know the error by it. */
function toStatus(code: number, name: string, details: { serializeBinary(): Uint8Array }, message = name) {
  const answer = new status.Status();
  answer.setCode(code);
  answer.setMessage(message);
  const any = new Any();
  any.pack(details.serializeBinary(), `event_store.client.${name}`);
  answer.setDetails(any);
  return answer;
}
