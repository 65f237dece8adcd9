import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventResponse, type IdForm } from './event-response.js';
import { ProtoReader } from './proto-reader.js';
import { streams } from './protocol.js';
import type { StoredEvent } from './stored-event.js';
import { readUuid } from './append-message.js';

const bytes = fc.uint8Array({ maxLength: 300 });
const revision = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
/** Short and long, plain and other names, since they are encoded in different ways. */
const name = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.string({ minLength: 60, maxLength: 70, unit: 'grapheme-ascii' }),
);
const event: fc.Arbitrary<StoredEvent> = fc.record({
  id: fc.uuid(),
  type: name,
  isJson: fc.boolean(),
  data: bytes,
  metadata: bytes,
  stream: name,
  revision,
  position: revision,
  created: revision,
});
const idForm: fc.Arbitrary<IdForm> = fc.constantFrom('string', 'structured');

/** The event as the generated code of the official client reads it. */
function decode(message: Uint8Array, part: 'event' | 'link'): StoredEvent | undefined {
  const read = streams.ReadResp.deserializeBinary(message).getEvent();
  const recorded = part === 'event' ? read?.getEvent() : read?.getLink();
  if (!recorded) return undefined;
  expect(recorded.getPreparePosition()).toBe(recorded.getCommitPosition());
  return {
    id: readUuid(new ProtoReader(Buffer.from(recorded.getId()?.serializeBinary() ?? []))),
    type: recorded.getMetadataMap().get('type') ?? '',
    isJson: recorded.getMetadataMap().get('content-type') === 'application/json',
    data: Uint8Array.from(recorded.getData_asU8()),
    metadata: Uint8Array.from(recorded.getCustomMetadata_asU8()),
    stream: Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    revision: BigInt(recorded.getStreamRevision()),
    position: BigInt(recorded.getCommitPosition()),
    created: BigInt(recorded.getMetadataMap().get('created') ?? -1),
  };
}

describe('an event that is encoded here', () => {
  test('is decoded by the generated code to the same', () => {
    fc.assert(
      fc.property(event, idForm, (given, form) => {
        const message = eventResponse({ event: given, link: undefined }, form);
        expect(decode(message, 'event')).toEqual(given);
        expect(decode(message, 'link')).toBeUndefined();
      }),
    );
  });

  test('is returned with its link, at the position of the link', () => {
    fc.assert(
      fc.property(event, event, idForm, (given, link, form) => {
        const message = eventResponse({ event: given, link }, form);
        expect(decode(message, 'event')).toEqual(given);
        expect(decode(message, 'link')).toEqual(link);
        const position = streams.ReadResp.deserializeBinary(message).getEvent()?.getCommitPosition();
        expect(BigInt(position ?? -1)).toBe(link.position);
      }),
    );
  });

  test('is left out where its link leads nowhere', () => {
    fc.assert(
      fc.property(event, idForm, (link, form) => {
        const message = eventResponse({ event: undefined, link }, form);
        expect(decode(message, 'event')).toBeUndefined();
        expect(decode(message, 'link')).toEqual(link);
      }),
    );
  });
});
