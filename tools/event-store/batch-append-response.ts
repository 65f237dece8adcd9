import { status as grpc } from '@grpc/grpc-js';
import { MAX_APPEND_BYTES } from './proposal.js';
import { ProtoWriter } from './proto-writer.js';
import { Any, Empty, shared, status } from './protocol.js';
import { AppendTimeoutError, AppendTooLargeError } from './request.errors.js';
import { NOTHING } from './stored-event.js';
import type { Conflict, WriteResult, Written } from './write-request.js';

/** Parts of an append that its response repeats unchanged. */
export interface Answered {
  readonly correlation: Buffer;
  readonly identifier: Buffer;
}

type Status = InstanceType<typeof status.Status>;

// Field numbers of the protocol.
const RESPONSE = { correlation: 1, error: 2, success: 3, identifier: 4 } as const;
const SUCCESS = { revision: 1, position: 3, noPosition: 4 } as const;
const POSITION = { commit: 1, prepare: 2 } as const;
const DELETED_STREAM = 1;

const MAX_FIELDS = 8;

/**
 * The response to one append of a batch, a `BatchAppendResp`. Encoded here instead of by the
 * generated code, which is slower.
 */
export function resultResponse(result: WriteResult, append: Answered): Buffer {
  if (result.kind === 'conflict') return failure(toConflict(result), append);
  if (result.kind === 'deleted') return failure(toDeleted(append.identifier), append);
  return response(append, 0, (writer) =>
    writer.message(RESPONSE.success, () => writeSuccess(writer, result)),
  );
}

/** The response to an append that was refused. */
export function errorResponse(error: Error, append: Answered): Buffer {
  return failure(toRefusal(error), append);
}

function toRefusal(error: Error): Status {
  if (error instanceof AppendTooLargeError) {
    const tooLarge = new shared.MaximumAppendSizeExceeded();
    tooLarge.setMaxappendsize(MAX_APPEND_BYTES);
    return toStatus(grpc.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', tooLarge, error.message);
  }
  if (error instanceof AppendTimeoutError) {
    return toStatus(grpc.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
  }
  const bad = new shared.BadRequest();
  bad.setMessage(error.message);
  return toStatus(grpc.INVALID_ARGUMENT, 'BadRequest', bad, error.message);
}

function failure(error: Status, append: Answered): Buffer {
  const bytes = error.serializeBinary();
  return response(append, bytes.length, (writer) => writer.bytes(RESPONSE.error, bytes));
}

/** `size`: how many bytes `write` may write in addition to small fields. */
function response(
  { correlation, identifier }: Answered,
  size: number,
  write: (writer: ProtoWriter) => void,
): Buffer {
  const fields = MAX_FIELDS * ProtoWriter.FIELD_BYTES;
  const writer = new ProtoWriter(correlation.length + identifier.length + size + fields);
  writer.bytes(RESPONSE.identifier, identifier);
  write(writer);
  return writer.bytes(RESPONSE.correlation, correlation).finish();
}

function writeSuccess(writer: ProtoWriter, { revision, position }: Written): void {
  if (position === undefined) writer.bytes(SUCCESS.noPosition, NOTHING);
  else {
    writer.message(SUCCESS.position, () =>
      writer.uint(POSITION.prepare, position).uint(POSITION.commit, position),
    );
  }
  writer.uint(SUCCESS.revision, revision);
}

function toConflict({ expected, actual }: Conflict): Status {
  const conflict = new shared.WrongExpectedVersion();
  if (actual === undefined) conflict.setCurrentNoStream(new Empty());
  else conflict.setCurrentStreamRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new Empty());
  else conflict.setExpectedStreamPosition(String(expected));
  return toStatus(grpc.ALREADY_EXISTS, 'WrongExpectedVersion', conflict);
}

function toDeleted(identifier: Buffer): Status {
  const writer = new ProtoWriter(identifier.length + ProtoWriter.FIELD_BYTES);
  const deleted = writer.bytes(DELETED_STREAM, identifier).finish();
  return toStatus(grpc.NOT_FOUND, 'StreamDeleted', { serializeBinary: () => deleted });
}

/** `name` is the protocol's name for the details, by which clients recognise the error. */
function toStatus(
  code: number,
  name: string,
  details: { serializeBinary(): Uint8Array },
  message = name,
): Status {
  const answer = new status.Status();
  answer.setCode(code);
  answer.setMessage(message);
  const any = new Any();
  any.pack(details.serializeBinary(), `event_store.client.${name}`);
  answer.setDetails(any);
  return answer;
}
