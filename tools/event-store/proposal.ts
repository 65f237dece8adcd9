import type { AppendOptions, ProposedMessage } from './append-message.js';
import { toExpected } from './expected-revision.js';
import { AppendTooLargeError, invalidRequest, MissingPropertyError } from './request.errors.js';
import type { ProposedEvent } from './stored-event.js';
import { assertNoMetadataOfMetadata, toStreamName } from './stream-name.js';
import type { AppendRequest, Expected } from './write-request.js';

/** Limit on the total data of the events of one append. */
export const MAX_APPEND_BYTES = 1_048_576;
/** Limit on one append, including everything that belongs to its events. */
const MAX_APPEND_BYTES_IN_ALL = 16 * 1_048_576;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_UUID = '00000000-0000-0000-0000-000000000000';
const JSON_TYPE = 'application/json';

/** The events of an append as they arrive, with their total size. */
export class Proposal {
  private readonly events: ProposedEvent[] = [];
  private dataBytes = 0;
  /** Size of the events, including everything that belongs to them. */
  bytes = 0;
  private readonly stream: string;
  private readonly expected: Expected;
  private readonly deadline: number | undefined;

  /** Throws `RequestError` for invalid options. */
  constructor({ stream, expected, deadline }: AppendOptions) {
    this.stream = toStreamName(stream);
    assertNoMetadataOfMetadata(this.stream);
    this.expected = toExpected(expected);
    this.deadline = deadline;
  }

  add(message: ProposedMessage): void {
    const event = toProposedEvent(message);
    this.dataBytes += event.data.length;
    this.bytes += event.data.length + event.metadata.length + event.type.length;
    if (this.dataBytes > MAX_APPEND_BYTES || this.bytes > MAX_APPEND_BYTES_IN_ALL) {
      throw new AppendTooLargeError(`Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`);
    }
    this.events.push(event);
  }

  toRequest(): AppendRequest {
    const { stream, expected, events, deadline } = this;
    return { kind: 'append', stream, expected, events, deadline };
  }
}

function toProposedEvent({ id, type, contentType, data, metadata }: ProposedMessage): ProposedEvent {
  if (type === undefined || contentType === undefined) {
    throw new MissingPropertyError('each event needs the metadata properties type and content-type');
  }
  if (!UUID.test(id) || id === NO_UUID) {
    throw invalidRequest('an event needs a UUID as its id');
  }
  if (type === '' || type.includes('\0')) {
    throw invalidRequest('an event needs a type without a NUL character');
  }
  return { id, type, isJson: contentType === JSON_TYPE, data, metadata };
}
