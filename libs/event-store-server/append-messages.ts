import { status as grpc } from '@grpc/grpc-js';
import { RequestError } from './request.errors.js';
import type { AppendRequest, Expected, ProposedEvent } from './stored-event.js';
import { uuidOf } from './wire.js';
import type { shared } from './protocol.js';

/** The most one append may hold: data, metadata, type and id of its events together. */
export const MAX_APPEND_BYTES = 1_048_576;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const JSON_TYPE = 'application/json';

/** What both kinds of append call a proposed event. */
export interface ProposedMessage {
  getId(): InstanceType<typeof shared.UUID> | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** Thrown by an append that is larger than the store takes. */
export class AppendTooLargeError extends Error {
  override readonly name = 'AppendTooLargeError';
}

/** The events of an append as they arrive, counted. */
export class Proposal {
  private readonly events: ProposedEvent[] = [];
  private bytes = 0;

  constructor(
    private readonly stream: string,
    private readonly expected: Expected,
  ) {
    if (stream === '') throw new RequestError(grpc.INVALID_ARGUMENT, 'the stream has no name');
  }

  add(message: ProposedMessage): void {
    const event = toProposedEvent(message);
    this.bytes += event.data.length + event.metadata.length + event.type.length;
    if (this.bytes > MAX_APPEND_BYTES) throw new AppendTooLargeError('the append is too large');
    this.events.push(event);
  }

  toRequest(): AppendRequest {
    return { stream: this.stream, expected: this.expected, events: this.events };
  }
}

function toProposedEvent(message: ProposedMessage): ProposedEvent {
  const id = uuidOf(message.getId());
  const type = message.getMetadataMap().get('type') ?? '';
  if (!UUID.test(id)) throw new RequestError(grpc.INVALID_ARGUMENT, 'an event needs a UUID as its id');
  if (type === '') throw new RequestError(grpc.INVALID_ARGUMENT, 'an event needs a type');
  return {
    id,
    type,
    isJson: message.getMetadataMap().get('content-type') === JSON_TYPE,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}
