import { type ServerDuplexStream, status as grpc } from '@grpc/grpc-js';
import { toServiceError } from './append-handler.js';
import { AppendTooLargeError, MAX_APPEND_BYTES, Proposal } from './append-messages.js';
import type { EventLog } from './event-log.js';
import { Any, Empty, shared, status, streams } from './protocol.js';
import { RequestError } from './request.errors.js';
import type { AppendResult, Expected } from './stored-event.js';
import { streamNameOf, uuidOf } from './wire.js';

type Request = InstanceType<typeof streams.BatchAppendReq>;
type Response = InstanceType<typeof streams.BatchAppendResp>;
type Options = NonNullable<ReturnType<Request['getOptions']>>;

/** A long-lived call that carries many appends, told apart by their correlation ids. */
export function batchAppendHandler(log: EventLog) {
  return (call: ServerDuplexStream<Request, Response>): void => {
    const open = new Map<string, { proposal: Proposal; options: Options }>();
    call.on('data', (message: Request) => {
      const correlation = uuidOf(message.getCorrelationId());
      const answer = (response: Response): void => {
        response.setCorrelationId(message.getCorrelationId());
        if (!call.cancelled && !call.writableEnded) call.write(response);
      };
      try {
        const options = message.getOptions() ?? open.get(correlation)?.options;
        if (!options) throw new RequestError(grpc.INVALID_ARGUMENT, 'an append begins with its options');
        const stream = streamNameOf(options.getStreamIdentifier());
        const { proposal } = open.get(correlation) ?? { proposal: new Proposal(stream, expectedOf(options)) };
        open.set(correlation, { proposal, options });
        for (const proposed of message.getProposedMessagesList()) proposal.add(proposed);
        if (!message.getIsFinal()) return;
        open.delete(correlation);
        log.append(proposal.toRequest()).then(
          (result) => answer(toResponse(result, options)),
          // A store that is away ends the call: the client takes all that is open as unknown. (Were the call destroyed instead,
          // its end would never be sent, and the client would go on writing into it.)
          (error: unknown) => call.emit('error', toServiceError(error)),
        );
      } catch (error) {
        open.delete(correlation);
        answer(toErrorResponse(error as Error, message.getOptions()));
      }
    });
    call.on('error', () => undefined); // the client has gone; what it sent is written all the same
    call.on('end', () => call.end());
  };
}

function expectedOf(options: Options): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasStreamPosition() ? BigInt(options.getStreamPosition()) : 'any';
}

function toResponse(result: AppendResult, options: Options): Response {
  const response = new streams.BatchAppendResp();
  response.setStreamIdentifier(options.getStreamIdentifier());
  if (result.kind === 'conflict') {
    response.setError(toConflict(result));
    return response;
  }
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(String(result.revision));
  if (result.position !== undefined) {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(result.position));
    position.setPreparePosition(String(result.position));
    success.setPosition(position);
  }
  response.setSuccess(success);
  return response;
}

function toConflict({ expected, actual }: Extract<AppendResult, { kind: 'conflict' }>) {
  const conflict = new shared.WrongExpectedVersion();
  if (actual === undefined) conflict.setCurrentNoStream(new Empty());
  else conflict.setCurrentStreamRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new Empty());
  else conflict.setExpectedStreamPosition(String(expected));
  return toStatus(
    6,
    'WrongExpectedVersion',
    'event_store.client.WrongExpectedVersion',
    conflict.serializeBinary(),
  );
}

function toErrorResponse(error: Error, options: Options | undefined): Response {
  const response = new streams.BatchAppendResp();
  response.setStreamIdentifier(options?.getStreamIdentifier() ?? new shared.StreamIdentifier());
  if (error instanceof AppendTooLargeError) {
    const tooLarge = new shared.MaximumAppendSizeExceeded();
    tooLarge.setMaxappendsize(MAX_APPEND_BYTES);
    const name = 'event_store.client.MaximumAppendSizeExceeded';
    response.setError(toStatus(grpc.INVALID_ARGUMENT, error.message, name, tooLarge.serializeBinary()));
  } else {
    const name = 'event_store.client.BadRequest';
    const bad = new shared.BadRequest();
    bad.setMessage(error.message);
    response.setError(toStatus(grpc.INVALID_ARGUMENT, error.message, name, bad.serializeBinary()));
  }
  return response;
}

function toStatus(code: number, message: string, typeName: string, details: Uint8Array) {
  const answer = new status.Status();
  answer.setCode(code);
  answer.setMessage(message);
  const any = new Any();
  any.pack(details, typeName);
  answer.setDetails(any);
  return answer;
}
