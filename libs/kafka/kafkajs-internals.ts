import type { Kafka as KafkaJs } from 'kafkajs';
import type { Watermarks } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';

/** A record as kafkajs decodes it; `isControlRecord` marks the end of a transaction. */
export interface FetchedMessage {
  readonly offset: string;
  /** Milliseconds since 1970. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface FetchedPartition {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
}

/** Reads a topic without being a member of any consumer group. */
export interface GroupFreeReader {
  watermarks(): Promise<Watermarks>;
  fetch(partition: number, offset: bigint): Promise<FetchedPartition>;
  close(): Promise<void>;
}

interface OffsetsRequest {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
  readonly fromBeginning: boolean;
}

interface Broker {
  fetch(request: object): Promise<{
    readonly responses: readonly {
      readonly partitions: readonly (Omit<FetchedPartition, 'abortedTransactions'> & {
        readonly abortedTransactions: FetchedPartition['abortedTransactions'] | null;
      })[];
    }[];
  }>;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; leader: number }[];
  findBroker(address: { nodeId: number }): Promise<Broker>;
  fetchTopicsOffset(topics: readonly OffsetsRequest[]): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const READ_COMMITTED = 1;
const MEBIBYTE = 1024 * 1024;

/**
 * kafkajs can fetch only as a member of a consumer group, and joining one takes seconds on a cluster. What it uses itself
 * is behind a private symbol; the version is pinned exactly, and this is the one place that knows.
 */
export async function openGroupFreeReader(client: KafkaJs, topic: string): Promise<GroupFreeReader> {
  const cluster = createCluster(client);
  await cluster.connect();
  try {
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    const metadata = cluster.findTopicPartitionMetadata(topic);
    const leaders = new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader]));
    const firstFetches = new Map<number, Promise<unknown>>();
    return {
      watermarks: () => watermarks(cluster, topic, [...leaders.keys()]),
      fetch: async (partition, offset) => {
        const leader = leaders.get(partition) ?? -1;
        const first = firstFetches.get(leader);
        // kafkajs opens a connection for each of the first fetches when they come at once, and forgets all but one.
        if (first) await first;
        const fetching = fetchPartition(cluster, topic, partition, leader, offset);
        if (!first)
          firstFetches.set(
            leader,
            fetching.catch(() => undefined),
          );
        return fetching;
      },
      close: () => cluster.disconnect(),
    };
  } catch (error) {
    await cluster.disconnect();
    throw error;
  }
}

function createCluster(client: KafkaJs): Cluster {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  const create = symbol && (client as unknown as Record<symbol, (options: object) => Cluster>)[symbol];
  if (!create) throw new KafkaUnavailableError('this version of kafkajs has no group-free reader');
  return create({ allowAutoTopicCreation: false, isolationLevel: READ_COMMITTED });
}

async function watermarks(cluster: Cluster, topic: string, ids: readonly number[]): Promise<Watermarks> {
  const partitions = ids.map((partition) => ({ partition }));
  const [lows, highs] = await Promise.all(
    [true, false].map((fromBeginning) => cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }])),
  );
  const lowOf = new Map(lows?.[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const ends = highs?.[0]?.partitions ?? [];
  return new Map(
    ends.map(({ partition, offset }) => [
      partition,
      { low: lowOf.get(partition) ?? 0n, high: BigInt(offset) },
    ]),
  );
}

async function fetchPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
  leader: number,
  offset: bigint,
): Promise<FetchedPartition> {
  const broker = await cluster.findBroker({ nodeId: leader });
  const { responses } = await broker.fetch({
    maxWaitTime: 50,
    minBytes: 1,
    maxBytes: 4 * MEBIBYTE,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: MEBIBYTE }] }],
  });
  const fetched = responses[0]?.partitions[0];
  return {
    partition,
    messages: fetched?.messages ?? [],
    abortedTransactions: fetched?.abortedTransactions ?? [],
  };
}
