import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { type AppendOptions, readAppend, readBatchAppend } from './append-message.js';
import { MalformedMessageError } from './proto-reader.js';
import { Empty, shared, streams } from './protocol.js';
import type { Expected } from './write-request.js';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}
interface Given {
  readonly stream: string;
  readonly expected: Expected;
  readonly deadline: number;
  readonly events: readonly Event[];
}

const text = fc.string({ unit: 'grapheme', minLength: 1 });
const bytes = fc.uint8Array({ maxLength: 300 });
const event: fc.Arbitrary<Event> = fc.record({
  id: fc.uuid(),
  type: text,
  contentType: text,
  data: bytes,
  metadata: bytes,
});
const given: fc.Arbitrary<Given> = fc.record({
  stream: text,
  expected: fc.oneof(
    fc.constantFrom<Expected[]>('any', 'no_stream', 'stream_exists'),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  ),
  deadline: fc.integer({ min: -1_000_000, max: 2 ** 45 }),
  events: fc.array(event, { maxLength: 4 }),
});
const isStructured = fc.boolean();

// Messages as written by the generated code of the official client.

function uuid(id: string, structured: boolean) {
  const message = new shared.UUID();
  if (!structured) {
    message.setString(id.toUpperCase());
    return message;
  }
  const half = (hex: string): string => String(BigInt.asIntN(64, BigInt(`0x${hex}`)));
  const hex = id.replaceAll('-', '');
  const parts = new shared.UUID.Structured();
  parts.setMostSignificantBits(half(hex.slice(0, 16)));
  parts.setLeastSignificantBits(half(hex.slice(16)));
  message.setStructured(parts);
  return message;
}

function identifier(stream: string) {
  const message = new shared.StreamIdentifier();
  message.setStreamName(Buffer.from(stream).toString('base64'));
  return message;
}

type Proposed =
  | InstanceType<typeof streams.AppendReq.ProposedMessage>
  | InstanceType<typeof streams.BatchAppendReq.ProposedMessage>;

function propose<Message extends Proposed>(message: Message, event: Event, structured: boolean): Message {
  message.setId(uuid(event.id, structured));
  message.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('other', 'x');
  message.setData(event.data);
  message.setCustomMetadata(event.metadata);
  return message;
}

function batchAppend({ stream, expected, deadline, events }: Given, structured: boolean): Buffer {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier(stream));
  if (expected === 'any') options.setAny(new Empty());
  else if (expected === 'no_stream') options.setNoStream(new Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new Empty());
  else options.setStreamPosition(String(expected));
  options.setDeadline(timestamps.Timestamp.fromDate(new Date(deadline)));
  const message = new streams.BatchAppendReq();
  message.setCorrelationId(uuid(CORRELATION, structured));
  message.setOptions(options);
  for (const one of events) {
    message.addProposedMessages(propose(new streams.BatchAppendReq.ProposedMessage(), one, structured));
  }
  message.setIsFinal(true);
  return Buffer.from(message.serializeBinary());
}

const CORRELATION = 'c0ffee00-0000-4000-8000-00000000cafe';

const read = (options: AppendOptions | undefined): Omit<Given, 'events'> => ({
  stream: options?.stream.toString() ?? '',
  expected: options?.expected ?? 'any',
  deadline: options?.deadline ?? Number.NaN,
});

const toEvent = ({ id, type, contentType, data, metadata }: Event): Event => ({
  id,
  type,
  contentType,
  data: Uint8Array.from(data),
  metadata: Uint8Array.from(metadata),
});

describe('a message of appends that is read here', () => {
  test('reads what the generated code has written', () => {
    fc.assert(
      fc.property(given, isStructured, (append, structured) => {
        const { correlation, options, proposed, isFinal } = readBatchAppend(batchAppend(append, structured));
        expect({ ...read(options), events: proposed.map((one) => toEvent(one as Event)) }).toEqual(append);
        expect(isFinal).toBe(true);
        expect(shared.UUID.deserializeBinary(correlation).toObject()).toEqual(
          uuid(CORRELATION, structured).toObject(),
        );
        const stream = shared.StreamIdentifier.deserializeBinary(options?.identifier ?? Buffer.alloc(0));
        expect(Buffer.from(stream.getStreamName_asU8()).toString()).toBe(append.stream);
      }),
    );
  });

  test('has one event, or options, where it is one of a single append', () => {
    fc.assert(
      fc.property(event, isStructured, (one, structured) => {
        const message = new streams.AppendReq();
        message.setProposedMessage(propose(new streams.AppendReq.ProposedMessage(), one, structured));
        const { options, proposed } = readAppend(Buffer.from(message.serializeBinary()));
        expect(options).toBeUndefined();
        expect(toEvent(proposed as Event)).toEqual(one);
      }),
    );
    const options = new streams.AppendReq.Options();
    options.setStreamIdentifier(identifier('one'));
    options.setRevision('7');
    const message = new streams.AppendReq();
    message.setOptions(options);
    const answer = readAppend(Buffer.from(message.serializeBinary()));
    expect(answer.options).toMatchObject({ expected: 7n, deadline: undefined });
    expect(answer.proposed).toBeUndefined();
  });

  test('may hold fields that are not known, of any kind', () => {
    const unknown = Buffer.from([
      ...[0xf8, 0x01, 0xff, 0x01], // field 31, a number
      ...[0xf9, 0x01, 1, 2, 3, 4, 5, 6, 7, 8], // eight bytes
      ...[0xfd, 0x01, 1, 2, 3, 4], // four bytes
      ...[0xfa, 0x01, 2, 9, 9], // bytes with a length
    ]);
    const append: Given = { stream: 'one', expected: 3n, deadline: 1, events: [] };
    const message = Buffer.concat([unknown, batchAppend(append, false), unknown]);
    expect(read(readBatchAppend(message).options)).toEqual({ stream: 'one', expected: 3n, deadline: 1 });
  });

  test('is at worst refused as malformed, whatever is changed in it', () => {
    const spoil = (message: Buffer, cut: number, changes: readonly (readonly [number, number])[]): Buffer => {
      const spoilt = Buffer.from(message.subarray(0, message.length - (cut % message.length)));
      for (const [at, byte] of changes) spoilt[at % spoilt.length] = byte;
      return spoilt;
    };
    const byte = fc.integer({ min: 0, max: 255 });
    const changes = fc.array(fc.tuple(fc.nat(), byte), { maxLength: 4 });
    let refused = 0;
    fc.assert(
      fc.property(given, fc.nat(), changes, (append, cut, changed) => {
        try {
          readBatchAppend(spoil(batchAppend(append, false), cut, changed));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
          refused += 1;
        }
      }),
    );
    expect(refused).toBeGreaterThan(10);
  });

  test('with text that is not UTF-8 is refused, and the replacement character is not', () => {
    const typed = (...type: number[]): Buffer => {
      const property = [0x0a, 4, ...Buffer.from('type'), 0x12, type.length, ...type];
      const proposed = [0x12, property.length, ...property];
      return Buffer.from([0x1a, proposed.length, ...proposed]);
    };
    expect(() => readBatchAppend(typed(0x61, 0xff))).toThrow(MalformedMessageError);
    expect(readBatchAppend(typed(...Buffer.from('a\uFFFD'))).proposed).toMatchObject([{ type: 'a\uFFFD' }]);
  });

  test('may say for how long it waits instead of until when', () => {
    const patience = Buffer.from([0x12, 4, 0x3a, 2, 0x08, 9]);
    const before = Date.now();
    const { options } = readBatchAppend(patience);
    expect(options?.deadline).toBeGreaterThanOrEqual(before + 9_000);
    expect(options?.deadline).toBeLessThanOrEqual(Date.now() + 9_000);
  });

  test.each<[string, number[]]>([
    ['a number of eleven bytes', [0x20, ...Array.from({ length: 10 }, () => 0xff), 1]],
    ['a length beyond its end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ['a length that is no length', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a length of more bytes than it needs', [0x0a, ...Array.from({ length: 10 }, () => 0x80), 0]],
    ['the field 0', [0x02, 0x00]],
    ['a group', [0x2b, 0x2c]],
    ['a number where bytes belong', [0x08, 0x01]],
    ['half a field', [0x0a]],
  ])('is refused with %s', (_, message) => {
    expect(() => readBatchAppend(Buffer.from(message))).toThrow(MalformedMessageError);
  });
});
