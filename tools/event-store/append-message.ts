import { ProtoReader } from './proto-reader.js';
import { ID, MAP_ENTRY, STREAM_NAME, STRUCTURED_ID } from './shared-fields.js';
import { NOTHING } from './stored-event.js';
import type { Expected } from './write-request.js';

/** The options that precede the events of an append. */
export interface AppendOptions {
  /** The message that names the stream, unchanged, and the name in it. */
  readonly identifier: Buffer;
  readonly stream: Buffer;
  /** Undefined if the request does not specify it. */
  readonly expected: Expected | undefined;
  /** In milliseconds since 1970. A batched append may have one. */
  readonly deadline: number | undefined;
}

/** An event as proposed in a message. Missing parts are empty, or undefined. */
export interface ProposedMessage {
  readonly id: string;
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** A message of `Append`: the options, or an event. */
export interface AppendMessage {
  readonly options: AppendOptions | undefined;
  readonly proposed: ProposedMessage | undefined;
}

/** A message of `BatchAppend`: some events of one append, with its options in the first message. */
export interface BatchAppendMessage {
  /** The message with the append's id, unchanged. */
  readonly correlation: Buffer;
  readonly options: AppendOptions | undefined;
  readonly proposed: readonly ProposedMessage[];
  readonly isFinal: boolean;
}

// Field numbers of the protocol, here and below.
const APPEND = { options: 1, proposed: 2 } as const;
const BATCH_APPEND = { correlation: 1, options: 2, proposed: 3, isFinal: 4 } as const;
const OPTIONS = {
  identifier: 1,
  revision: 2,
  noStream: 3,
  any: 4,
  streamExists: 5,
  deadline: 6,
  patience: 7,
} as const;
/** Of a `Timestamp` and of a `Duration`. */
const TIME = { seconds: 1, nanoseconds: 2 } as const;
const PROPOSED = { id: 1, properties: 2, metadata: 3, data: 4 } as const;

const MILLISECONDS_PER_SECOND = 1_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

// Decoded here instead of by the generated code, which took a fifth of the server's time. All
// functions throw `MalformedMessageError`.

export function readAppend(message: Buffer): AppendMessage {
  const reader = new ProtoReader(message);
  let options: AppendOptions | undefined;
  let proposed: ProposedMessage | undefined;
  while (reader.next()) {
    if (reader.field === APPEND.options) options = readOptions(reader.message());
    else if (reader.field === APPEND.proposed) proposed = readProposed(reader.message());
  }
  return { options, proposed };
}

export function readBatchAppend(message: Buffer): BatchAppendMessage {
  const reader = new ProtoReader(message);
  let correlation = NOTHING;
  let options: AppendOptions | undefined;
  const proposed: ProposedMessage[] = [];
  let isFinal = false;
  while (reader.next()) {
    if (reader.field === BATCH_APPEND.correlation) correlation = reader.bytes();
    else if (reader.field === BATCH_APPEND.options) options = readOptions(reader.message());
    else if (reader.field === BATCH_APPEND.proposed) proposed.push(readProposed(reader.message()));
    else if (reader.field === BATCH_APPEND.isFinal) isFinal = reader.uint() !== 0n;
  }
  return { correlation, options, proposed, isFinal };
}

function readStreamName(identifier: Buffer): Buffer {
  const reader = new ProtoReader(identifier);
  let name = NOTHING;
  while (reader.next()) {
    if (reader.field === STREAM_NAME) name = reader.bytes();
  }
  return name;
}

/** A UUID in either of the two forms that clients send. Anything else is returned unchanged. */
export function readUuid(reader: ProtoReader): string {
  let uuid = '';
  while (reader.next()) {
    if (reader.field === ID.string) uuid = reader.string().toLowerCase();
    else if (reader.field === ID.structured) uuid = readStructuredUuid(reader.message());
  }
  return uuid;
}

function readStructuredUuid(reader: ProtoReader): string {
  let [most, least] = [0n, 0n];
  while (reader.next()) {
    if (reader.field === STRUCTURED_ID.most) most = reader.uint();
    else if (reader.field === STRUCTURED_ID.least) least = reader.uint();
  }
  const hex = [most, least].map((half) => half.toString(16).padStart(16, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function readOptions(reader: ProtoReader): AppendOptions {
  let identifier = NOTHING;
  let expected: Expected | undefined;
  let deadline: number | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (field === OPTIONS.identifier) identifier = reader.bytes();
    else if (field === OPTIONS.revision) expected = reader.uint();
    else if (field === OPTIONS.deadline) deadline = readMilliseconds(reader.message());
    else if (field === OPTIONS.patience) deadline = Date.now() + readMilliseconds(reader.message());
    else if (field === OPTIONS.noStream) expected = 'no_stream';
    else if (field === OPTIONS.any) expected = 'any';
    else if (field === OPTIONS.streamExists) expected = 'stream_exists';
  }
  return { identifier, stream: readStreamName(identifier), expected, deadline };
}

function readMilliseconds(reader: ProtoReader): number {
  let [seconds, nanoseconds] = [0n, 0n];
  while (reader.next()) {
    if (reader.field === TIME.seconds) seconds = BigInt.asIntN(64, reader.uint());
    else if (reader.field === TIME.nanoseconds) nanoseconds = BigInt.asIntN(32, reader.uint());
  }
  return Number(seconds) * MILLISECONDS_PER_SECOND + Number(nanoseconds) / NANOSECONDS_PER_MILLISECOND;
}

function readProposed(reader: ProtoReader): ProposedMessage {
  let id = '';
  let type: string | undefined;
  let contentType: string | undefined;
  let [data, metadata] = [NOTHING, NOTHING];
  while (reader.next()) {
    if (reader.field === PROPOSED.id) id = readUuid(reader.message());
    else if (reader.field === PROPOSED.data) data = reader.bytes();
    else if (reader.field === PROPOSED.metadata) metadata = reader.bytes();
    else if (reader.field === PROPOSED.properties) {
      const [key, value] = readProperty(reader.message());
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    }
  }
  return { id, type, contentType, data, metadata };
}

function readProperty(reader: ProtoReader): [key: string, value: string] {
  let [key, value] = ['', ''];
  while (reader.next()) {
    if (reader.field === MAP_ENTRY.key) key = reader.string();
    else if (reader.field === MAP_ENTRY.value) value = reader.string();
  }
  return [key, value];
}
