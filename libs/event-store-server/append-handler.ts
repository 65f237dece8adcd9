import {
  Metadata,
  type sendUnaryData,
  type ServerReadableStream,
  type ServiceError,
  status as grpc,
} from '@grpc/grpc-js';
import { AppendTooLargeError, MAX_APPEND_BYTES, Proposal } from './append-messages.js';
import { StorageUnavailableError } from './event-store-server.errors.js';
import type { EventLog } from './event-log.js';
import { shared, streams } from './protocol.js';
import { RequestError } from './request.errors.js';
import type { AppendResult, Expected } from './stored-event.js';
import { streamNameOf } from './wire.js';

type Request = InstanceType<typeof streams.AppendReq>;
type Response = InstanceType<typeof streams.AppendResp>;

/** The append of one call: options first, then the events, then the answer. */
export function appendHandler(log: EventLog) {
  return (call: ServerReadableStream<Request, Response>, callback: sendUnaryData<Response>): void => {
    answer(call, log).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

async function answer(call: ServerReadableStream<Request, Response>, log: EventLog): Promise<Response> {
  let proposal: Proposal | undefined;
  for await (const message of call as AsyncIterable<Request>) {
    const options = message.getOptions();
    const proposed = message.getProposedMessage();
    if (options) proposal = new Proposal(streamNameOf(options.getStreamIdentifier()), expectedOf(options));
    else if (proposed && proposal) proposal.add(proposed);
    else throw new RequestError(grpc.INVALID_ARGUMENT, 'an append begins with its options');
  }
  if (!proposal) throw new RequestError(grpc.INVALID_ARGUMENT, 'an append begins with its options');
  return toResponse(await log.append(proposal.toRequest()));
}

function expectedOf(options: NonNullable<ReturnType<Request['getOptions']>>): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasRevision() ? BigInt(options.getRevision()) : 'any';
}

function toResponse(result: AppendResult): Response {
  const response = new streams.AppendResp();
  if (result.kind === 'conflict') response.setWrongExpectedVersion(toConflict(result));
  else response.setSuccess(toSuccess(result));
  return response;
}

function toSuccess({ revision, position }: Extract<AppendResult, { kind: 'appended' }>) {
  const success = new streams.AppendResp.Success();
  success.setCurrentRevision(String(revision));
  if (position === undefined) {
    success.setNoPosition(new shared.Empty());
  } else {
    const at = new streams.AppendResp.Position();
    at.setCommitPosition(String(position));
    at.setPreparePosition(String(position));
    success.setPosition(at);
  }
  return success;
}

function toConflict({ expected, actual }: Extract<AppendResult, { kind: 'conflict' }>) {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (actual === undefined) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new shared.Empty());
  else conflict.setExpectedRevision(String(expected));
  return conflict;
}

/** An error as gRPC carries it, with the trailers by which the official clients tell them apart. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  if (error instanceof RequestError) return { code: error.code, details: error.message };
  if (error instanceof AppendTooLargeError) {
    const metadata = new Metadata();
    metadata.set('exception', 'maximum-append-size-exceeded');
    metadata.set('maximum-append-size', String(MAX_APPEND_BYTES));
    return { code: grpc.INVALID_ARGUMENT, details: 'Maximum Append Size Exceeded.', metadata };
  }
  if (error instanceof StorageUnavailableError) return { code: grpc.UNAVAILABLE, details: error.message };
  return { code: grpc.UNKNOWN, details: (error as Error).message };
}
