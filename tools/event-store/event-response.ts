import { ProtoWriter } from './proto-writer.js';
import { ID, MAP_ENTRY, STREAM_NAME, STRUCTURED_ID } from './shared-fields.js';
import type { StoredEvent } from './stored-event.js';

/** An event in a read response: a link with its target, or alone if the target is gone. */
export interface ResolvedEvent {
  readonly event: StoredEvent | undefined;
  readonly link: StoredEvent | undefined;
}

/** The two forms of an id that a client may request. */
export type IdForm = 'string' | 'structured';

// Field numbers of the protocol, here and below.
const READ_RESPONSE = { event: 1 } as const;
const READ_EVENT = { event: 1, link: 2, commitPosition: 3 } as const;
const RECORDED = {
  id: 1,
  stream: 2,
  revision: 3,
  preparePosition: 4,
  commitPosition: 5,
  properties: 6,
  metadata: 7,
  data: 8,
} as const;

const MAX_FIELDS = 32;
const FIXED_BYTES = 128;
const MAX_BYTES_PER_CHARACTER = 3;

/**
 * A `ReadResp` with an event. Encoded here instead of by the generated code, because this is most
 * of the server's work.
 */
export function eventResponse({ event, link }: ResolvedEvent, idForm: IdForm): Buffer {
  const writer = new ProtoWriter(FIXED_BYTES + capacityFor(event) + capacityFor(link));
  const original = link ?? event;
  writer.message(READ_RESPONSE.event, () => {
    if (original) writer.uint(READ_EVENT.commitPosition, original.position);
    if (link) writer.message(READ_EVENT.link, () => writeRecorded(writer, link, idForm));
    if (event) writer.message(READ_EVENT.event, () => writeRecorded(writer, event, idForm));
  });
  return writer.finish();
}

function capacityFor(event: StoredEvent | undefined): number {
  if (!event) return 0;
  const { data, metadata, type, stream } = event;
  const names = (type.length + stream.length) * MAX_BYTES_PER_CHARACTER;
  return data.length + metadata.length + names + FIXED_BYTES + MAX_FIELDS * ProtoWriter.FIELD_BYTES;
}

function writeRecorded(writer: ProtoWriter, event: StoredEvent, idForm: IdForm): void {
  writer.bytes(RECORDED.data, event.data).bytes(RECORDED.metadata, event.metadata);
  writeProperty(writer, 'content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  writeProperty(writer, 'created', String(event.created));
  writeProperty(writer, 'type', event.type);
  writer.uint(RECORDED.commitPosition, event.position).uint(RECORDED.preparePosition, event.position);
  writer.uint(RECORDED.revision, event.revision);
  writer.message(RECORDED.stream, () => writer.string(STREAM_NAME, event.stream));
  writer.message(RECORDED.id, () => writeId(writer, event.id, idForm));
}

function writeProperty(writer: ProtoWriter, key: string, value: string): void {
  writer.message(RECORDED.properties, () => writer.string(MAP_ENTRY.value, value).string(MAP_ENTRY.key, key));
}

function writeId(writer: ProtoWriter, id: string, idForm: IdForm): void {
  if (idForm === 'string') {
    writer.string(ID.string, id);
    return;
  }
  const hex = id.replaceAll('-', '');
  writer.message(ID.structured, () => {
    writer.uint(STRUCTURED_ID.least, BigInt(`0x${hex.slice(16)}`));
    writer.uint(STRUCTURED_ID.most, BigInt(`0x${hex.slice(0, 16)}`));
  });
}
