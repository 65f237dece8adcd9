import type { Kafka as KafkaJs } from 'kafkajs';
import type { FetchResponse } from './fetch-response.js';
import type { Watermarks } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import type { FetchedMessage } from './record-batch.js';

export interface FetchedPartition {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
}

/** Reads a topic without joining a consumer group. */
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

/** A server. */
export interface Broker {
  isConnected(): boolean;
  fetch(request: object): Promise<Pick<FetchResponse, 'responses'>>;
}

interface ProtocolRequest {
  readonly request: { readonly apiKey: number; readonly apiVersion: number };
  readonly response: { decode(data: Buffer): Promise<unknown> };
}

/** The requests of a connection that were not answered yet. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<unknown, SentRequest>;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

interface SentRequest {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

interface Connection {
  readonly requestQueue: RequestQueue;
  rejectRequests(error: Error): void;
}

/** The connections to a server: one for fetches, one for everything else. */
export interface ConnectionPool {
  readonly pool: readonly Connection[];
  send(request: ProtocolRequest): Promise<unknown>;
}

interface BrokerOptions {
  readonly connectionPool: ConnectionPool;
}

/** Whose coordinator is wanted: that of a consumer group, or of a transactional id (type 1). */
export interface CoordinatorRequest {
  readonly groupId: string;
  readonly coordinatorType?: number;
}

/** What a client knows of the servers. */
export interface Cluster {
  readonly brokerPool: { createBroker(options: BrokerOptions): Broker };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; leader: number }[];
  findBroker(address: { nodeId: number }): Promise<Broker>;
  findGroupCoordinator(wanted: CoordinatorRequest): Promise<Broker>;
  fetchTopicsOffset(topics: readonly OffsetsRequest[]): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

/** Creates what a consumer, producer or reader uses to talk to the servers. */
export type CreateCluster = (options: object) => Cluster;

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const READ_COMMITTED = 1;
const MEBIBYTE = 1024 * 1024;

/**
 * kafkajs can only fetch as a member of a consumer group, and joining one takes seconds on a
 * cluster. The API that it uses itself is behind a private symbol. Its version is pinned exactly,
 * and only this file and `kafkajs-connections.ts` depend on it.
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
        // kafkajs opens a connection for each of several concurrent first fetches, and forgets all
        // but one.
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

/** The object that holds the method, and the symbol that it is behind. */
export function clusterFactory(client: KafkaJs): [Record<symbol, CreateCluster>, symbol] {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  if (!symbol) throw new KafkaUnavailableError('this version of kafkajs creates clusters in another way');
  return [client as unknown as Record<symbol, CreateCluster>, symbol];
}

function createCluster(client: KafkaJs): Cluster {
  const [clusters, symbol] = clusterFactory(client);
  return (clusters[symbol] as CreateCluster)({
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
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
  return { partition, messages: fetched?.messages ?? [] };
}
