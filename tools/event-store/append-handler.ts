import { setImmediate } from 'node:timers/promises';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { status as grpc } from '@grpc/grpc-js';
import type { AppendMessage } from './append-message.js';
import type { EventLog } from './event-log.js';
import { Proposal } from './proposal.js';
import { shared, streams } from './protocol.js';
import { invalidRequest, RequestError, StreamDeletedError } from './request.errors.js';
import { toServiceError } from './service-error.js';
import type { AppendRequest, Conflict, Written } from './write-request.js';

type Response = InstanceType<typeof streams.AppendResp>;

/** Handles one append call: options first, then the events, then the response. */
export function appendHandler(log: EventLog) {
  return (call: ServerReadableStream<AppendMessage, Response>, callback: sendUnaryData<Response>): void => {
    answer(call, log).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

async function answer(call: ServerReadableStream<AppendMessage, Response>, log: EventLog): Promise<Response> {
  const request = await receive(call);
  const result = await log.write(request);
  if (result.kind === 'deleted') throw new StreamDeletedError(request.stream);
  const response = new streams.AppendResp();
  if (result.kind === 'conflict') response.setWrongExpectedVersion(toConflict(result));
  else response.setSuccess(toSuccess(result));
  return response;
}

async function receive(call: ServerReadableStream<AppendMessage, Response>): Promise<AppendRequest> {
  let proposal: Proposal | undefined;
  for await (const { options, proposed } of call as AsyncIterable<AppendMessage>) {
    if (options && proposal) throw invalidRequest('an append may send its options only once');
    if (options) proposal = new Proposal(options);
    else if (!proposal) throw invalidRequest('an append must start with its options');
    else if (proposed) proposal.add(proposed);
    else throw invalidRequest('a message of an append has neither options nor an event');
  }
  // The message stream of a client that disappears ends too; grpc-js reports the disconnect only a
  // moment later.
  await setImmediate();
  if (call.cancelled)
    throw new RequestError(grpc.CANCELLED, 'the client disconnected before the end of its append');
  if (!proposal) throw invalidRequest('an append must start with its options');
  return proposal.toRequest();
}

function toSuccess({ revision, position }: Written) {
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

function toConflict({ expected, actual }: Conflict) {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (actual === undefined) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new shared.Empty());
  else conflict.setExpectedRevision(String(expected));
  return conflict;
}
