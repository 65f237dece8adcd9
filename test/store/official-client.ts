import type {
  AllStreamSubscription,
  AppendExpectedRevision,
  AppendResult,
  Credentials,
  DeleteResult,
  Direction,
  EventData,
  EventStoreDBClient,
  ExpectedRevision,
  Filter,
  ReadPosition,
  ReadRevision,
  RecordedEvent,
  StreamMetadata,
  StreamSubscription,
} from '@eventstore/db-client';

// Set by the jest project. Only one client is ever loaded, since the generated code of both claims
// the same global names.
declare const OFFICIAL_CLIENT: '@eventstore/db-client' | '@kurrent/kurrentdb-client';

/** Which of the two official clients this run uses. */
export const clientName = OFFICIAL_CLIENT;

/** What a read or a subscription returns. */
export interface Resolved {
  readonly event?: RecordedEvent;
  readonly link?: RecordedEvent;
  readonly commitPosition?: bigint;
}

export interface Reading<From> {
  readonly from?: From;
  readonly direction?: Direction;
  readonly limit?: number;
  readonly resolveLinks?: boolean;
}

export interface AllSubscribing {
  readonly from?: ReadPosition;
  readonly filter?: Filter;
}

/** Connects with the official client of this run. */
export async function connect(url: string): Promise<StoreClient> {
  if (clientName === '@eventstore/db-client') {
    const { EventStoreDBClient } = await import('@eventstore/db-client');
    return new StoreClient(EventStoreDBClient.connectionString(url));
  }
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  const client = KurrentDBClient.connectionString(url.replace(/^esdb/, 'kurrentdb'));
  return new StoreClient(client as unknown as EventStoreDBClient);
}

/** The suite's interface to an official client. It drives both, and hides nothing. */
export class StoreClient {
  constructor(readonly client: EventStoreDBClient) {}

  append(
    stream: string,
    events: readonly EventData[],
    expected?: AppendExpectedRevision,
    credentials?: Credentials,
  ): Promise<AppendResult> {
    const options = { ...bothNames(expected), ...(credentials && { credentials }) };
    return this.client.appendToStream(stream, [...events], options);
  }

  async readStream(stream: string, reading: Reading<ReadRevision> = {}): Promise<Resolved[]> {
    const { from, ...rest } = reading;
    const options = { ...toOptions(rest), ...(from !== undefined && { fromRevision: from }) };
    return all(this.client.readStream(stream, options));
  }

  async readAll(reading: Reading<ReadPosition> = {}): Promise<Resolved[]> {
    const { from, ...rest } = reading;
    const options = { ...toOptions(rest), ...(from !== undefined && { fromPosition: from }) };
    return all(this.client.readAll(options));
  }

  subscribeToStream(stream: string, from?: ReadRevision, resolveLinkTos = false): StreamSubscription {
    return this.client.subscribeToStream(stream, {
      resolveLinkTos,
      ...(from !== undefined && { fromRevision: from }),
    });
  }

  subscribeToAll({ from, filter }: AllSubscribing = {}): AllStreamSubscription {
    return this.client.subscribeToAll({
      ...(from !== undefined && { fromPosition: from }),
      ...(filter && { filter }),
    });
  }

  deleteStream(stream: string, expected?: ExpectedRevision): Promise<DeleteResult> {
    return this.client.deleteStream(stream, bothNames(expected));
  }

  tombstoneStream(stream: string, expected?: ExpectedRevision): Promise<DeleteResult> {
    return this.client.tombstoneStream(stream, bothNames(expected));
  }

  setMetadata(
    stream: string,
    metadata: StreamMetadata,
    expected?: AppendExpectedRevision,
  ): Promise<AppendResult> {
    return this.client.setStreamMetadata(stream, metadata, bothNames(expected));
  }

  async getMetadata(stream: string): Promise<StreamMetadata | undefined> {
    return (await this.client.getStreamMetadata(stream)).metadata;
  }

  close(): Promise<void> {
    return this.client.dispose();
  }
}

// One calls it the expected revision, the other the state of the stream. Each ignores the other's
// name.
function bothNames<Expected>(expected: Expected | undefined): { expectedRevision?: Expected } {
  return expected === undefined ? {} : ({ expectedRevision: expected, streamState: expected } as object);
}

function toOptions({ direction, limit, resolveLinks }: Omit<Reading<unknown>, 'from'>) {
  return {
    ...(direction && { direction }),
    ...(limit !== undefined && { maxCount: limit }),
    ...(resolveLinks !== undefined && { resolveLinkTos: resolveLinks }),
  };
}

async function all(events: AsyncIterable<unknown>): Promise<Resolved[]> {
  const read: Resolved[] = [];
  for await (const event of events) read.push(event as Resolved);
  return read;
}
